"""主播: those of the registry with what is said of them, and the profile of one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from fengping import events
from fengping.clock import day_of, day_start, local
from fengping.errors import FengpingError, StoreError
from fengping.indexer import Store
from fengping.services.hosts import load_registry
from fengping.services.overview import newest_day
from fengping.services.profile import Counted, Profile, counted, profile
from fengping.web import charts
from fengping.web.answers import as_csv, as_json
from fengping.web.charts import Mark
from fengping.web.desk import AtDesk, Desk
from fengping.web.gaps import gaps
from fengping.web.rendering import address, language, render, translate
from fengping.web.showing import issue_names

router = APIRouter()
SPANS = (7, 28, 90, 365)
MOST = 300
TONES = ("negative", "neutral", "positive")


@router.get("/hosts")
def hosts(request: Request, desk: AtDesk, days: int = 90, name: str = "") -> Response:
    """The list."""
    values: dict[str, Any] = {"rows": [], "days": days, "spans": SPANS, "name": name, "until": None}
    registry = load_registry(desk.home)
    values["known"] = {host.name: host for host in registry.hosts}
    try:
        with desk.store() as store:
            values |= _rows(desk, store, days, name)
    except StoreError as error:
        values["fault"] = str(error)
    twins = [(kind.upper(), address(f"/hosts.{kind}", days=days)) for kind in ("json", "csv")]
    return render(request, "hosts", values | {"twins": twins}, here="/hosts")


@router.get("/hosts.json")
def as_record(desk: AtDesk, days: int = 90) -> Response:
    """The same as JSON."""
    with desk.store() as store:
        return as_json([asdict(one) for one in _rows(desk, store, days, "")["rows"]])


@router.get("/hosts.csv")
def as_table(desk: AtDesk, days: int = 90) -> Response:
    """The same as a table."""
    with desk.store() as store:
        rows = _rows(desk, store, days, "")["rows"]
    return as_csv(
        ("host", "documents", "negative", "accused"),
        [(r.name, r.total, r.negative, r.accused) for r in rows],
        "hosts",
    )


def _rows(desk: Desk, store: Store, days: int, name: str) -> dict[str, Any]:
    latest = newest_day(store, desk.now())
    if latest is None:
        return {"rows": []}
    stop = day_start(latest) + timedelta(days=1)
    rows: list[Counted] = counted(store, stop - timedelta(days=max(1, min(days, 3650))), stop, MOST)
    if name:
        rows = [row for row in rows if name in row.name]
    return {"rows": rows, "until": latest}


@router.get("/hosts/{name}.json")
def one_record(desk: AtDesk, name: str, days: int = 90) -> Response:
    """The profile's days and classes as JSON."""
    found = _profile(desk, name, days)
    return as_json(
        {
            "host": name, "documents": found.counted.total, "negative": found.counted.negative,
            "accused": found.counted.accused,
            "days": [
                {"day": str(day_of(at)), **dict(zip(TONES, row, strict=True))} for at, row in found.days
            ],
            "issues": [{"code": code, "count": count, "usual": usual} for code, count, usual in found.issues],
        }
    )  # fmt: skip


@router.get("/hosts/{name}.csv")
def one_table(desk: AtDesk, name: str, days: int = 90) -> Response:
    """The profile's days as a table."""
    rows = [(day_of(at), *row) for at, row in _profile(desk, name, days).days]
    return as_csv(("day", *TONES), rows, "host")


def _profile(desk: Desk, name: str, days: int) -> Profile:
    with desk.store() as store:
        latest = newest_day(store, desk.now())
        until = day_start(latest) if latest else desk.now()
        return profile(store, name, until, max(1, min(days, 730)))


@router.get("/hosts/{name}")
def host(request: Request, desk: AtDesk, name: str, days: int = 90) -> Response:
    """The profile."""
    lang = language(request)
    registry = load_registry(desk.home)
    with suppress(FengpingError):
        name = registry.find(name).name
    registered = registry.by_name.get(name)
    values: dict[str, Any] = {
        "name": name,
        "host": registered,
        "days": days,
        "spans": SPANS,
        "names": issue_names(),
        "p": None,
        "events": [],
        "chart": "",
    }
    try:
        with desk.store() as store:
            latest = newest_day(store, desk.now())
            until = day_start(latest) if latest else desk.now()
            found = profile(store, name, until, max(1, min(days, 730)))
        if registered is None and not found.counted.total and not found.counted.accused:
            raise HTTPException(404, f"There is no host {name}.")
        values |= {"p": found, "chart": _chart(desk, found, lang)}
    except StoreError as error:
        values["fault"] = str(error)
    values["twins"] = [
        (kind.upper(), address(f"/hosts/{quote(name)}.{kind}", days=days)) for kind in ("json", "csv")
    ]
    with suppress(FengpingError):
        values["events"] = events.events_of(desk.home, events.Asked(party=name), limit=20)
    return render(request, "host", values, here="/hosts")


def _chart(desk: Desk, found: Profile, lang: str) -> str:
    labels = [local(start).strftime("%m-%d") for start, _ in found.days]
    marks = []
    for (start, row), label in zip(found.days, labels, strict=True):
        day = str(day_of(start))
        marks.append(
            Mark(
                f"{label} {row[0]}/{sum(row)}",
                address("/search", host=found.counted.name, since=day, until=day),
            )
        )
    holes = gaps(desk, [start for start, _ in found.days], [sum(row) for _, row in found.days])
    return charts.stacked(
        translate("每日信息量", lang),
        [row for _, row in found.days],
        labels,
        marks if len(marks) <= 130 else (),
        gaps=holes,
        lang=lang,
    )
