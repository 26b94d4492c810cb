"""今日: a day against the usual of its weekday, hosts in trouble, alarms, new events, sources in trouble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from fengping import events
from fengping.clock import day_of, day_start, iso
from fengping.errors import FengpingError, StoreError, UsageError
from fengping.indexer import Filter
from fengping.scheduler import by_hand, ledger
from fengping.scheduler.faults import faults
from fengping.services import alert_desk, source
from fengping.services import events as event_services
from fengping.services.home import collects_nothing, public_sources
from fengping.services.overview import Overview, newest_day, overview
from fengping.web import charts
from fengping.web.answers import as_csv, as_json
from fengping.web.calm import calm
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.freezing import frozen
from fengping.web.pages.jobs import NAMES, RESULTS
from fengping.web.rendering import WEEKDAYS, address, language, render, translate
from fengping.web.showing import issue_names

router = APIRouter()
SHOWN = 8
LONGEST = 1_000
"""Hosts in trouble of the page, and of a file."""
HOURS = ("hour", "negative", "usual", "usual_low", "usual_high")
"""Columns of the hours; half of the same weekdays lie between the last two."""


@router.get("/")
def today(request: Request, desk: AtDesk, day: str = "") -> Response:
    """The page."""
    lang = language(request)
    values: dict[str, Any] = {
        "found": None,
        "empty": False,
        "latest": None,
        "chart": "",
        "names": issue_names(),
    }
    try:
        found, latest = _found(desk, day, SHOWN)
        values |= {"found": found, "latest": latest, "empty": found is None}
        if found:
            values |= _shown(found, day_of(desk.now()), lang)
            values["frozen"] = frozen(request, desk, day=str(found.day))
    except StoreError as error:
        values["fault"] = error
    values |= {"first_run": values["empty"] and collects_nothing(desk.home)}
    if values["first_run"]:
        values |= {"offered": list(public_sources().values()), "on": set(desk.home.config.crawl.sources)}
    if found_day := values.get("day"):
        values["twins"] = [
            (kind.upper(), address(f"/today.{kind}", day=found_day)) for kind in ("json", "csv")
        ]
    values["stale"] = not day and values["latest"] is not None and values["latest"] < day_of(desk.now())
    values["ahead"] = bool(values["found"]) and values["found"].day > day_of(desk.now())
    values |= _beside(desk, values["found"]) | calm(desk) | {"works": desk.works.at("/")}
    return render(request, "today", values, here="/")


@router.get("/today.json")
def as_record(desk: AtDesk, day: str = "") -> Response:
    """The same figures as JSON."""
    found, _ = _found(desk, day, LONGEST)
    return as_json(None if found is None else _record(found))


@router.get("/today.csv")
def as_table(desk: AtDesk, day: str = "") -> Response:
    """Hosts in trouble as a table, with their negatives of each complaint class."""
    found, _ = _found(desk, day, LONGEST)
    codes = list(issue_names())
    rows = [
        (h.name, h.negative, h.usual, h.ratio, h.total, *(dict(h.issues).get(code, 0) for code in codes))
        for h in (found.hosts if found else ())
    ]
    return as_csv(("host", "negative", "usual", "ratio", "documents", *codes), rows, "today")


@router.get("/today/hours.json")
def hours_record(desk: AtDesk, day: str = "") -> Response:
    """Negatives of each hour as JSON."""
    return as_json([dict(zip(HOURS, row, strict=True)) for row in _hours(desk, day)])


@router.get("/today/hours.csv")
def hours_table(desk: AtDesk, day: str = "") -> Response:
    """The same as a table."""
    return as_csv(HOURS, _hours(desk, day), "hours")


def _hours(desk: Desk, day: str) -> list[Sequence[Any]]:
    """A row of :data:`HOURS` an hour; nothing is known of hours to come, or without collecting."""
    found, _ = _found(desk, day, SHOWN)
    if found is None:
        return []
    low, high = (part or (None,) * 24 for part in found.band)
    usual = found.usual_hours or (None,) * 24
    hours = (None if hour in found.gaps else count for hour, count in enumerate(found.hours))
    return list(zip(range(24), hours, usual, low, high, strict=True))


def _found(desk: Desk, day: str, hosts: int) -> tuple[Overview | None, date | None]:
    """The day asked for, or the last one with documents; and that last one."""
    now = desk.now()
    with desk.store() as store:
        latest = newest_day(store, Filter(until=now))
        try:
            wanted = date.fromisoformat(day) if day else latest
        except ValueError:
            raise UsageError(f"{day!r} is no day.", remedy="Write it as 2020-11-11.") from None
        if wanted is None:
            return None, None
        return overview(desk.home, store, wanted, now, hosts=hosts), latest


def _record(found: Overview) -> dict[str, Any]:
    made = asdict(found)
    return made | {"day": str(found.day), "since": iso(found.since), "until": iso(found.until)}


def _shown(found: Overview, now: date, lang: str) -> dict[str, Any]:
    hours = [f"{hour:02d}" + ("时" if lang == "zh" else "") for hour in range(24)]
    marks = []
    for hour, value in enumerate(found.hours):
        start = found.since + timedelta(hours=hour)
        link = address(
            "/search", {"since": iso(start), "until": iso(start + timedelta(hours=1)), "polarity": "neg"}
        )
        known = value is not None and hour not in found.gaps
        marks.append(Mark(f"{hours[hour]} {value if known else '–'}", link))
    title = translate("每小时负面信息", lang)
    chart = charts.curve(
        title,
        found.hours,
        hours,
        usual=found.usual_hours,
        band=found.band if found.band[0] else None,
        marks=marks,
        gaps=found.gaps,
        lang=lang,
    )
    codes = [code for code in issue_names() if any(code in dict(host.issues) for host in found.hosts)]
    year = "" if found.day.year == now.year else f"{found.day.year}年"
    head = f"{year}{found.day.month}月{found.day.day}日 周{WEEKDAYS[found.day.weekday()]}"
    share = found.negative.count / found.total.count if found.total.count else None
    usual = found.negative.usual / found.total.usual if found.total.usual and found.negative.usual else None
    return {
        "chart": chart,
        "codes": codes,
        "head": head if lang == "zh" else found.day.strftime("%A, %d %B %Y"),
        "share": share,
        "usual_share": usual,
        "marks": marks,
        "hours": hours,
        "day": str(found.day),
        "stop": str(found.day) if found.until - found.since == timedelta(days=1) else iso(found.until),
        "before": str(found.day - timedelta(days=1)),
        "after": str(found.day + timedelta(days=1)),
    }


def _beside(desk: Desk, found: Overview | None) -> dict[str, Any]:
    """Panels beside the figures; each may be missing without the rest, and then says why."""
    moment = found.until if found else desk.now()
    begun: datetime = day_start(found.day) if found else moment - timedelta(days=1)
    beside: dict[str, Any] = {
        "unusable": [], "scheduled": False, "firing": None, "cared_for": 0, "unclaimed": None, "news": None,
        "fresh": False, "any_event": False, "following": [], "ill": None, "watched": 0, "runs": None,
        "results": RESULTS, "jobs": NAMES, "past": found is not None and found.day != day_of(desk.now()),
        "unread_of": {},
    }  # fmt: skip
    for panel, read in (
        ("unusable", lambda: _unusable(desk)),
        ("firing", lambda: _firing(desk)),
        ("news", lambda: _news(desk, begun, moment)),
        ("following", lambda: {"following": event_services.watched(desk.home)[:6]}),
        ("ill", lambda: _ill(desk)),
        ("runs", lambda: _runs(desk)),
    ):
        try:
            beside |= read()
        except FengpingError as error:
            beside["unread_of"][panel] = error
    return beside


def _unusable(desk: Desk) -> dict[str, Any]:
    return {
        "unusable": faults(desk.home.root),
        "scheduled": by_hand.is_scheduled(desk.home, desk.now()),
    }


def _firing(desk: Desk) -> dict[str, Any]:
    duty = alert_desk.on_duty(desk.home, desk.now(), limit=5, among=alert_desk.OPEN)
    return {"firing": duty.rows, "unclaimed": duty.open, "cared_for": duty.cared_for}


def _news(desk: Desk, begun: datetime, moment: datetime) -> dict[str, Any]:
    asked = events.Asked(since=begun, until=moment, min_documents=2)
    told = events.events_of(desk.home, asked, limit=60)
    fresh = [one for one in told if one.first_at and one.first_at >= begun]
    return {
        "news": (fresh or told)[:6],
        "fresh": bool(fresh),
        "any_event": bool(told) or bool(events.events_of(desk.home, limit=1)),
    }


def _ill(desk: Desk) -> dict[str, Any]:
    standings = source.standings(desk.home, desk.now())
    return {
        "ill": [one for one in standings if one.verdict.state.value != "ok"],
        "watched": len(standings),
    }


def _runs(desk: Desk) -> dict[str, Any]:
    latest = ledger.latest(desk.state()).values()
    return {"runs": sorted(latest, key=lambda run: run.started_at, reverse=True)[:4]}
