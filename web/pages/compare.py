"""对比: two searches, or two hosts, side by side over one window."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from fengping.errors import StoreError, UsageError
from fengping.services import search as services
from fengping.services.search import Asked
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import address, render
from fengping.web.showing import issue_names

router = APIRouter()
Words = Annotated[str, Query(max_length=4000)]


@router.get("/compare")
def compare(
    request: Request, desk: AtDesk, one: Words = "", other: Words = "", since: str = "", until: str = ""
) -> Response:
    """The page."""
    values: dict[str, Any] = {
        "one": one,
        "other": other,
        "since": since,
        "until": until,
        "sides": None,
        "both": None,
        "names": issue_names(),
        "refused": None,
        "queries": (one, other),
    }
    if one and other:
        asked = [Asked(text, since or None, until or None, {}, desk.now()) for text in (one, other)]
        try:
            with desk.store() as store:
                found = services.compare(desk.home, asked[0], asked[1], store=store)
            values |= {"sides": found.sides, "both": found.both}
        except UsageError as error:
            values["refused"] = error
        except StoreError as error:
            values["fault"] = str(error)
    if values["sides"]:
        values["twins"] = [
            (kind.upper(), address(f"/compare.{kind}", request.query_params)) for kind in ("json", "csv")
        ]
    return render(request, "compare", values, here="/compare")


@router.get("/compare.json")
def as_record(desk: AtDesk, one: Words, other: Words, since: str = "", until: str = "") -> Response:
    """Both sides as JSON."""
    return as_json(_rows(desk, one, other, since, until))


@router.get("/compare.csv")
def as_table(desk: AtDesk, one: Words, other: Words, since: str = "", until: str = "") -> Response:
    """Both sides as a table."""
    columns = ("query", "documents", "all", "share", "negative", "negative_share", "days", "daily_mean")
    rows = _rows(desk, one, other, since, until)
    return as_csv(columns, [[row[name] for name in columns] for row in rows], "compare")


def _rows(desk: Desk, one: str, other: str, since: str, until: str) -> list[dict[str, Any]]:
    asked = [Asked(text, since or None, until or None, {}, desk.now()) for text in (one, other)]
    with desk.store() as store:
        return services.compare(desk.home, asked[0], asked[1], store=store).to_rows()
