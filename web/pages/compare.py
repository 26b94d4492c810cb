"""对比: two searches side by side over one window, or one beside itself in the period or the year before."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from fengping.clock import day_of
from fengping.errors import StoreError, UsageError
from fengping.indexer import Filter
from fengping.indexer.search import render as render_query
from fengping.services import search as services
from fengping.services.search import Asked
from fengping.web.answers import as_csv, as_json
from fengping.web.asking import chosen
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.narrowing import window
from fengping.web.rendering import address, render, state_of
from fengping.web.showing import issue_names

router = APIRouter()
Words = Annotated[str, Query(max_length=4000)]


AGAINST = {"": "另一个检索式", "previous": "自己的前一期", "year": "自己的去年同期"}
"""Choices of what a search is compared with."""
OVER_TIME = {
    "up": "上升",
    "down": "下降",
    "within_chance": "未超出随机波动",
    "too_few": "条数太少，不判升降",
    "unknown": "有一期没有采集，或开始还不满一天，不判升降",
}
BETWEEN = {
    "up": "甲较多",
    "down": "甲较少",
    "within_chance": "差别未超出随机波动",
    "too_few": "条数太少，不判多少",
    "unknown": "没有采集，不判多少",
}
"""Words for the outcome of a test of chance: one search over time, and two beside each other."""


@router.get("/compare")
def compare(
    request: Request,
    desk: AtDesk,
    one: Words = "",
    other: Words = "",
    since: str = "",
    until: str = "",
    against: str = "",
) -> Response:
    """The page."""
    chosen(against, AGAINST, "against")
    values: dict[str, Any] = {
        "one": one,
        "other": other,
        "since": since,
        "until": until,
        "against": against,
        "choices": AGAINST,
        "sides": None,
        "names": issue_names(),
        "refused": None,
        "moves": OVER_TIME if against else BETWEEN,
        "queries": (one, one if against else other),
    }
    if one and (since and until if against else other):
        try:
            found = _compared(desk, one, other, since, until, against)
            values |= {"sides": found.sides, "both": found.both, "windows": [_days(w) for w in found.wheres]}
            # What the query itself says of the time holds for its own period, not for the one before.
            texts = (one, render_query(found.wheres[1].text)) if against else (one, other)
            values["asked"] = [_listed(text, w) for text, w in zip(texts, found.wheres, strict=True)]
            values["frozen"] = frozen(request, desk, "one", "other")
            values |= {"changes": {one.name: one for one in found.changes}, "days": found.days}
        except UsageError as error:
            values["refused"] = error
        except StoreError as error:
            values["fault"] = error
    if values["sides"]:
        values["twins"] = [
            (kind.upper(), address(f"/compare.{kind}", state_of(request))) for kind in ("json", "csv")
        ]
    return render(request, "compare", values, here="/compare")


@router.get("/compare.json")
def as_record(
    desk: AtDesk, one: Words, other: Words = "", since: str = "", until: str = "", against: str = ""
) -> Response:
    """Both sides as JSON."""
    return as_json(_compared(desk, one, other, since, until, against).to_rows())


@router.get("/compare.csv")
def as_table(
    desk: AtDesk, one: Words, other: Words = "", since: str = "", until: str = "", against: str = ""
) -> Response:
    """Both sides as a table."""
    columns = (
        "query", "documents", "all", "share", "negative", "negative_share", "days", "daily_mean",
        "days_collected",
    )  # fmt: skip
    found = _compared(desk, one, other, since, until, against)
    names = [(c.name, key) for c in found.changes for key in c.to_record()]
    rows = [
        [row[name] for name in columns]
        + [row["change"][name][key] if row["change"] else "" for name, key in names]
        for row in found.to_rows()
    ]
    return as_csv((*columns, *(f"{name}_{key}" for name, key in names)), rows, "compare")


def _compared(desk: Desk, one: str, other: str, since: str, until: str, against: str) -> services.Comparison:
    first, second = (Asked(text, since or None, until or None, {}, desk.now()) for text in (one, other))
    with desk.store() as store:
        return services.compare(
            desk.home, first, None if against else second, against=against or "previous", store=store
        )


def _listed(text: str, where: Filter) -> dict[str, Any]:
    """The parameters of the search that lists one side."""
    if where.since and where.until:
        return {"q": text, **window(where.since, where.until)}
    since, until = _days(where)
    return {"q": text, "since": since, "until": until}


def _days(where: Filter) -> tuple[str, str]:
    """First and last day of a window, as an address has them; nothing where an end is open."""
    last = where.until - timedelta(microseconds=1) if where.until else None
    return str(day_of(where.since)) if where.since else "", str(day_of(last)) if last else ""
