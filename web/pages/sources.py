"""来源: every source with its health over 28 days; one is tried live, each field shown."""

from __future__ import annotations

import functools
import hmac
import importlib
import threading
from contextlib import suppress
from datetime import timedelta
from types import ModuleType
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response

from fengping import privacy
from fengping.clock import USUAL_DAYS, day_of
from fengping.errors import FengpingError, UsageError
from fengping.services import source, switching
from fengping.spiders.health import Day, Standing
from fengping.web import charts
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.notices import go
from fengping.web.rendering import language, render, translate, way_back
from fengping.web.showing import CHANNELS

router = APIRouter()
DAYS = ("runs", "failed", "requests", "items", "documents", "undated", "blocked", "broken")
"""Counts of a day."""


@router.get("/sources")
def sources(request: Request, desk: AtDesk) -> Response:
    """The page."""
    _load_beside()
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


def _development() -> ModuleType:
    """The part that reads live pages. It brings every spider, so it is loaded when a page needs it first."""
    return importlib.import_module("fengping.services.source_dev")


@functools.cache
def _load_beside() -> None:
    """Loads it while the reader still looks at the page, so that the first trial need not wait for it."""
    threading.Thread(target=_development, name="load spiders", daemon=True).start()


def _records(desk: Desk) -> list[dict[str, Any]]:
    values = _values(desk)
    rows = []
    for one in values["rows"]:
        standing = values["standing"].get(one.source.name)
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
        "standing": {},
        "draft": None,
        "courses": {},
        "works": desk.works.at("/sources"),
        "twins": (("JSON", "/sources.json"), ("CSV", "/sources.csv")),
    }
    try:
        listing = source.listing(desk.home)
        values["rows"] = sorted(listing.sources, key=lambda one: (not one.on, not one.own, one.source.name))
        values["broken"] = listing.broken
    except FengpingError as error:
        values["fault"] = error
    values["logins"] = {
        one.source.name: (login, login.days_left(desk.now()))
        for one in values["rows"]
        if (login := switching.login_of(desk.home, one.source))
    }
    with suppress(FengpingError):
        standings = source.standings(desk.home, desk.now())
        values["standing"] = {one.source: one for one in standings}
        for one in standings:
            days = _days(one, desk)
            if any(day.runs for day in days):
                values["courses"][one.source] = [day.documents if day.runs else None for day in days]
    return values


def _days(standing: Standing, desk: Desk) -> list[Day]:
    """The last days up to today, those of which nothing is written down included."""
    known, today = {day.day: day for day in standing.days}, day_of(desk.now())
    dates = [today - timedelta(days=n) for n in reversed(range(USUAL_DAYS))]
    return [known.get(date) or Day(date) for date in dates]


@router.get("/sources/{name}.json")
def one_record(desk: AtDesk, name: str) -> Response:
    """One source as its file has it, with its days."""
    found, standing = _one(desk, name)
    days = [{"day": str(day.day), **day.counts} for day in standing.days[-USUAL_DAYS:]] if standing else []
    return as_json({"source": found.source.model_dump(mode="json"), "enabled": found.on, "days": days})


@router.get("/sources/{name}.csv")
def one_table(desk: AtDesk, name: str) -> Response:
    """The days of one source as a table."""
    _, standing = _one(desk, name)
    rows = [[day.day, *(getattr(day, key) for key in DAYS)] for day in standing.days] if standing else []
    return as_csv(("day", *DAYS), rows, name)


@router.get("/sources/{name}")
def one(request: Request, desk: AtDesk, name: str) -> Response:
    """One source: its days, its login, what its file says."""
    _load_beside()
    return render(request, "source", _shown(desk, name), here="/sources")


@router.post("/sources/{name}/try")
def try_one(request: Request, desk: AtDesk, by: Analyst, name: str) -> Response:
    """Reads one live page of a source and shows each field; nothing is kept."""
    values = _shown(desk, name)
    write_down(desk, by, "try source", name)
    try:
        values["tried"] = _development().test(desk.home, name, desk.now()).reading
    except FengpingError as error:
        values["fault"] = error
    return render(request, "source", values, here="/sources")


def _one(desk: Desk, name: str) -> tuple[source.Listed, Standing | None]:
    """The source of that name and its health; 404 where there is none."""
    found = next((one for one in source.listing(desk.home).sources if one.source.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no source {name}.")
    return found, next(iter(source.standings(desk.home, desk.now(), [name])), None)


def _shown(desk: Desk, name: str) -> dict[str, Any]:
    found, standing = _one(desk, name)
    days = _days(standing, desk) if standing else []
    login = switching.login_of(desk.home, found.source)
    return {
        "one": found,
        "s": found.source,
        "h": standing if any(day.runs for day in days) else None,
        "days": days,
        "chart": charts.stacked(
            found.source.title, [(0, day.documents, 0) for day in days], [f"{d.day:%m-%d}" for d in days],
            gaps=[at for at, day in enumerate(days) if not day.runs],
        ) if any(day.runs for day in days) else "",
        "login": login,
        "left": login.days_left(desk.now()) if login else None,
        "tried": None,
        "said": CHANNELS,
        "twins": (("JSON", f"/sources/{name}.json"), ("CSV", f"/sources/{name}.csv")),
    }  # fmt: skip


@router.post("/source/switch")
def switch(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    name: Annotated[str, Form(max_length=100)],
    on: Annotated[str, Form()] = "",
    back: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Enables or disables a source in the home's files."""
    switching.switch(desk.home, [name], on=bool(on))
    desk.reload()
    write_down(desk, by, "enable source" if on else "disable source", name)
    said = f"{name} " + translate("已启用，下一轮起采集。" if on else "已停采。", language(request))
    return go(request, way_back(back, "/sources"), said)


@router.post("/source/guess")
def guess(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    url: Annotated[str, Form()],
) -> Response:
    """Guesses a source from an address and shows its file."""
    values = _values(desk)
    write_down(desk, by, "guess source", url)
    try:
        draft = _development().draft(desk.home, url.strip(), desk.now())
        values |= {"draft": draft, "seal": _seal(desk, draft.name, draft.toml)}
    except FengpingError as error:
        values["fault"] = error
    return render(request, "sources", values, here="/sources")


@router.post("/source/add")
def add(
    request: Request,
    desk: AtDesk,
    by: Analyst,
    name: Annotated[str, Form(max_length=100)],
    toml: Annotated[str, Form(max_length=50_000)],
    seal: Annotated[str, Form(max_length=100)],
) -> Response:
    """Writes the file of a source that was shown here, as it was shown."""
    text = toml.replace("\r\n", "\n")  # a browser sends lines of a form so
    if not hmac.compare_digest(seal.encode(), _seal(desk, name, text).encode()):
        raise UsageError("This is not the file that was shown.", remedy="Have the address previewed anew.")
    path = _development().add(desk.home, name, text)
    desk.reload()
    write_down(desk, by, "add source", name)
    said = translate("已写入 sources/{x}，下一轮起采集。", language(request), x=path.name)
    return go(request, f"/sources/{name}", said)


def _seal(desk: Desk, name: str, toml: str) -> str:
    """Proof that this console showed the file: another might ask what an analyst must not have asked."""
    return privacy.seal(desk.home.salt, "source", name, toml)
