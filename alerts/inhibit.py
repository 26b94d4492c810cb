"""Inhibit: rules that speak for others; what they tell of a key is told by nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from fengping.alerts import ledger
from fengping.alerts.decide import Firing, Standing, Status
from fengping.alerts.rules.rule import Rule


def speaking(
    connection: Connection,
    firing: Firing,
    now: datetime,
    rules: Mapping[str, Rule],
    active: Mapping[tuple[str, str], Standing],
    unheard: Collection[tuple[str, str]] = (),
    urgent: Collection[tuple[str, str]] | None = None,
) -> set[str]:
    """Names of the *rules* that speak for the one of *firing*: they fire for its key, are not silenced
    themselves, and their alarms are not such as no route takes. What was new speaks until its rule's
    ``realert`` is over, and at least at the check that found it. *unheard*: rules and keys of which no route
    takes the alarms just now; *urgent*: those that may speak for a critical alarm.
    """
    found = set()
    for name, rule in rules.items():
        standing = active.get((name, firing.key)) if firing.rule in rule.inhibits else None
        if standing is None or standing.status is Status.SILENCED:
            continue
        if rule.tells_the_new and standing.fired_at and standing.fired_at + rule.realert < now:
            continue
        marks = [kept.told for kept in ledger.affair(connection, name, firing.key)]
        mute = "" if (name, firing.key) in unheard else None
        heard = not all(mark in (ledger.UNHEARD, mute) for mark in marks)
        if heard and (urgent is None or (name, firing.key) in urgent):
            found.add(name)
    return found
