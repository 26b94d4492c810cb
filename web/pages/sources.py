"""来源: every source with its health over 28 days; one is tried live, each field shown."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from fengping.errors import FengpingError
from fengping.services import source
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import render

router = APIRouter()
COURSE = 28


@router.get("/sources")
def sources(request: Request, desk: AtDesk) -> Response:
    """The page."""
    return render(request, "sources", _values(desk), here="/sources")


@router.get("/sources.json")
def as_record(desk: AtDesk) -> Response:
    """The sources as JSON."""
    return as_json(_records(desk))


@router.get("/sources.csv")
def as_table(desk: AtDesk) -> Response:
    """The sources as a table."""
    columns = ("name", "title", "enabled", "state", "reason")
    return as_csv(columns, [[one[name] for name in columns] for one in _records(desk)], "sources")


def _records(desk: Desk) -> list[dict[str, Any]]:
    values = _values(desk)
    rows = []
    for one in values["rows"]:
        standing = values["health"].get(one.source.name)
        state, reason = (standing.verdict.state.value, standing.verdict.reason) if standing else ("", "")
        rows.append(
            {
                "name": one.source.name,
                "title": one.source.title,
                "enabled": one.on,
                "state": state,
                "reason": reason,
            }
        )
    return rows


def _values(desk: Desk) -> dict[str, Any]:
    """Every source, the enabled ones first; health where it can be had."""
    values: dict[str, Any] = {
        "rows": [],
        "broken": {},
        "health": {},
        "tried": None,
        "draft": None,
        "courses": {},
        "twins": (("JSON", "/sources.json"), ("CSV", "/sources.csv")),
    }
    try:
        listing = source.listing(desk.home)
        values["rows"] = sorted(listing.sources, key=lambda one: (not one.on, not one.own, one.source.name))
        values["broken"] = listing.broken
    except FengpingError as error:
        values["fault"] = str(error)
    with suppress(FengpingError):
        standings = source.standings(desk.home, desk.now())
        values["health"] = {one.source: one for one in standings}
        values["courses"] = {one.source: [day.documents for day in one.days[-COURSE:]] for one in standings}
    return values


@router.post("/sources/try")
def try_one(request: Request, desk: AtDesk, by: Analyst, name: Annotated[str, Form()]) -> Response:
    """Reads one live page of a source and shows each field; nothing is kept."""
    values = _values(desk)
    write_down(desk, by, "try source", name)
    try:
        values["tried"] = (name, source.test(desk.home, name, desk.now()).reading)
    except FengpingError as error:
        values["fault"] = str(error)
    return render(request, "sources", values, here="/sources")


@router.post("/sources/guess")
def guess(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    url: Annotated[str, Form()],
    keep: Annotated[str, Form()] = "",
) -> Response:
    """Guesses a source from an address and shows its file; with *keep* it is written into the home."""
    values = _values(desk)
    write_down(desk, by, "add source" if keep else "guess source", url)
    try:
        draft = source.draft(desk.home, url.strip(), desk.now())
        if keep:
            draft.write()
            values = _values(desk)
        values |= {"draft": draft, "kept": bool(keep), "url": url}
    except FengpingError as error:
        values["fault"] = str(error)
    return render(request, "sources", values, here="/sources")
