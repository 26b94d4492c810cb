"""对比: two searches, or two hosts, side by side over one window."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from fengping.errors import StoreError, UsageError
from fengping.services import search as services
from fengping.services.search import Asked
from fengping.web.desk import AtDesk
from fengping.web.rendering import render
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
    return render(request, "compare", values, here="/compare")
