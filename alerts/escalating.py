"""Alarms that nobody claims, told again: to the first of a list, then to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fengping.alerts import ledger
from fengping.alerts.decide import Status
from fengping.alerts.gravity import Gravity
from fengping.alerts.ledger import Kept
from fengping.alerts.manners import Manners
from fengping.alerts.message import FIRST_LINE, shortened
from fengping.delivery import Message, Outbox, Severity, escape

LATEST = timedelta(days=1)
"""Age of an alarm from which on it is told to nobody again."""


def escalate(
    outbox: Outbox, now: datetime, clock: datetime, after: timedelta, to: Sequence[str], manners: Manners
) -> int:
    """Tells each alarm that fires and that nobody claimed to one more of *to* each *after*, once; the number
    of messages made."""
    made = 0
    with outbox.state.begin() as connection:
        standings = ledger.active(connection)
        for (rule, key), standing in standings.items():
            if standing.status is not Status.FIRING:
                continue
            kept = next(iter(ledger.affair(connection, rule, key)), None)
            if kept is None or not _is_open(kept, now):
                continue
            for number in range(min((now - kept.firing.fired_at) // after, len(to))):
                message = _message(kept, number, after * (number + 1), manners)
                made += outbox.enqueue(message, [to[number]], clock, connection)
    return made


def _is_open(kept: Kept, now: datetime) -> bool:
    is_grave = kept.firing.gravity != Gravity.DIGEST
    return (
        kept.told == "told" and not kept.acknowledged_by and is_grave and kept.firing.fired_at > now - LATEST
    )


def _message(kept: Kept, number: int, lasting: timedelta, manners: Manners) -> Message:
    head = f"【{lasting // timedelta(minutes=1)}分钟无人认领】"
    subject, *lines = kept.message.splitlines()
    return Message(
        key=f"escalation {kept.id} {number}", subject=head + shortened(subject, FIRST_LINE - len(head)),
        lines=tuple(map(escape, lines[:1])), severity=Severity.CRITICAL, thread=f"alarm {kept.firing.key}",
        link=manners.link("alerts", str(kept.id)), actions=manners.actions(kept.id),
    )  # fmt: skip
