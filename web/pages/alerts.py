"""预警: what fired, who takes care; the rules, tried on history; the delivery log and dead letters."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from fengping import delivery
from fengping.alerts import load_rules
from fengping.clock import parse_moment
from fengping.errors import FengpingError
from fengping.indexer.search.query.lookup import Lookup
from fengping.services import alert
from fengping.services.overview import newest_day
from fengping.web.accounts.door import Analyst, write_down
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk
from fengping.web.rendering import address, language, render, translate

router = APIRouter()
SHOWN = 100
DAYS = 90


@router.get("/alerts")
def alerts(request: Request, desk: AtDesk, rule: str = "") -> Response:
    """The page; with *rule*, that rule tried on the stored 90 days."""
    values: dict[str, Any] = {
        "firings": [],
        "rules": [],
        "attempts": [],
        "dead": [],
        "waiting": [],
        "tried": None,
        "rule": rule,
        "days": DAYS,
        "twins": (("JSON", "/alerts.json"), ("CSV", "/alerts.csv")),
    }
    try:
        values["rules"] = load_rules(desk.home.alerts, names=Lookup(desk.home))
        values["firings"] = alert.listed(desk.home, SHOWN)
        if rule:
            values["tried"] = _tried(desk, rule)
    except FengpingError as error:
        values["fault"] = str(error)
    with suppress(FengpingError):
        outbox = delivery.Outbox.open(desk.home)
        values |= {"attempts": outbox.attempts(50), "dead": outbox.dead(), "waiting": outbox.waiting()}
    return render(request, "alerts", values, here="/alerts")


def _tried(desk: Desk, rule: str) -> list[dict[str, Any]]:
    """Firings of a rule over the stored 90 days up to the newest document, newest first."""
    with desk.store() as store:
        latest = newest_day(store, desk.now())
        until = parse_moment(str(latest), end=True) if latest else desk.now()
        found = alert.replay(desk.home, until - timedelta(days=DAYS), until, rule=rule, store=store)
    return [
        {"key": firing.key, "at": firing.fired_at, "count": firing.count, "evidence": list(firing.evidence)}
        for firing in reversed(found.firings)
    ]


@router.get("/alerts.json")
def as_record(desk: AtDesk) -> Response:
    """The firings as ``fengping alerts list --json`` has them."""
    return as_json(alert.listed(desk.home, SHOWN))


@router.get("/alerts.csv")
def as_table(desk: AtDesk) -> Response:
    """The firings as a table."""
    columns = ("id", "rule", "key", "fired_at", "count", "acknowledged_by", "waiting")
    return as_csv(
        columns, [[one[name] for name in columns] for one in alert.listed(desk.home, SHOWN)], "alerts"
    )


@router.post("/alerts/{firing}/acknowledge")
def acknowledge(request: Request, desk: AtDesk, by: Analyst, firing: int) -> Response:
    """Writes down who takes care."""
    alert.acknowledge(desk.home, firing, by, desk.now())
    write_down(desk, by, "acknowledge", f"firing {firing}")
    return RedirectResponse(
        address("/alerts", said=f"#{firing} " + translate("已认领。", language(request))), 303
    )


@router.post("/alerts/letters/retry")
def retry(request: Request, desk: AtDesk, by: Analyst, letter: Annotated[int, Form()]) -> Response:
    """Puts a dead letter back on its way."""
    delivery.retry(desk.home, letter, desk.now())
    write_down(desk, by, "retry delivery", f"letter {letter}")
    return RedirectResponse(
        address("/alerts", said=f"#{letter} " + translate("重新排队。", language(request))), 303
    )
