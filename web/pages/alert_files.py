"""Lists of 预警 as files: what is not calm, every alarm, every silence, every attempt to deliver."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from fengping import delivery
from fengping.clock import iso
from fengping.services import alert, alert_desk
from fengping.web.answers import as_csv, as_json
from fengping.web.desk import AtDesk, Desk

router = APIRouter()


@router.get("/alerts/watched.json")
def watched_record(desk: AtDesk) -> Response:
    """Keys that are not calm as JSON."""
    return as_json([one.to_record() for one in alert_desk.watched(desk.home, desk.now())])


@router.get("/alerts/watched.csv")
def watched_table(desk: AtDesk) -> Response:
    """Keys that are not calm as a table."""
    columns = ("rule", "key", "status", "since", "firing", "count", "usual", "acknowledged_by")
    rows = [one.to_record() for one in alert_desk.watched(desk.home, desk.now())]
    return as_csv(columns, [[row[name] for name in columns] for row in rows], "watched")


@router.get("/alerts.json")
def as_record(desk: AtDesk) -> Response:
    """The firings as ``fengping alerts list --json`` has them."""
    return as_json(alert.listed(desk.home, None, now=desk.now()))


@router.get("/alerts.csv")
def as_table(desk: AtDesk) -> Response:
    """The firings as a table."""
    columns = ("id", "rule", "key", "fired_at", "count", "status", "acknowledged_by", "waiting")
    return as_csv(
        columns,
        [[one[name] for name in columns] for one in alert.listed(desk.home, None, now=desk.now())],
        "alerts",
    )


@router.get("/alerts/silences.json")
def silences_record(desk: AtDesk) -> Response:
    """The silences as JSON."""
    return as_json(_silences(desk))


@router.get("/alerts/silences.csv")
def silences_table(desk: AtDesk) -> Response:
    """The silences as a table."""
    columns = ("id", "matcher", "author", "reason", "begins_at", "ends_at", "until_doubled", "ended_at")
    return as_csv(
        columns, [[str(row[name] or "") for name in columns] for row in _silences(desk)], "silences"
    )


def _silences(desk: Desk) -> list[dict[str, Any]]:
    times = ("begins_at", "ends_at", "ended_at")
    records = [one.to_record() for one in alert.silenced(desk.home)]
    return [record | {name: iso(record[name]) for name in times} for record in records]


@router.get("/alerts/log.json")
def log_record(desk: AtDesk) -> Response:
    """The delivery log as JSON."""
    rows = delivery.Outbox.open(desk.home).attempts(None)
    return as_json([asdict(one) | {"at": iso(one.at), "outcome": one.outcome.value} for one in rows])


@router.get("/alerts/log.csv")
def log_table(desk: AtDesk) -> Response:
    """The delivery log as a table."""
    rows = delivery.Outbox.open(desk.home).attempts(None)
    columns = ("at", "subject", "channel", "address", "outcome", "reply", "seconds")
    return as_csv(
        columns,
        [(iso(r.at), r.subject, r.channel, r.address, r.outcome.value, r.reply, r.seconds) for r in rows],
        "deliveries",
    )


@router.get("/alerts/{firing:int}.csv")
def documents_table(desk: AtDesk, firing: int) -> Response:
    """The documents of one alarm as a table, with those that an earlier one told of or that came beside."""
    with desk.store() as store:
        found = alert.show(desk.home, firing, store=store)
    columns = ("id", "published_at", "title", "source", "site", "url")
    window = found["window"]
    told = [
        *((one, False, False) for one in found["documents"]),
        *((one, True, False) for one in window["told_before"]),
        *((one, False, True) for one in window["beside"]),
    ]
    rows = [(*(one[name] for name in columns), "、".join(one["issues"]), *parts) for one, *parts in told]
    return as_csv((*columns, "issues", "told_before", "beside"), rows, f"alarm-{firing}")
