"""Alarms of an event that another took over: its affair goes on as that of the other, and is not over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, delete, select, update

from fengping.alerts import ledger, tables
from fengping.alerts.decide import ACTIVE, Cause, Standing, Status
from fengping.events.building.chunks import batched
from fengping.events.tables import aliases

_LEAST = timedelta(microseconds=1)
_GRAVEST = (Status.FIRING, Status.SILENCED, Status.ACKNOWLEDGED)


def taken_over(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Those of *ids* that are events no more, each with the event that has its documents by now."""
    found: dict[str, str] = {}
    asked = set(ids)
    while asked:
        further = {
            row.old: row.new
            for some in batched(sorted(asked), ledger.ASKED)
            for row in connection.execute(select(aliases).where(aliases.c.old.in_(some)))
        }
        found |= further
        asked = set(further.values()) - set(found)
    return {id: _last(id, found) for id in ids if id in found}


def _last(id: str, found: dict[str, str]) -> str:
    seen = {id}
    while (new := found.get(id)) is not None and new not in seen:
        seen.add(id := new)
    return id


def go_on(connection: Connection, rule: str, old: str, new: str) -> None:
    """Joins what fires for the event *old* to the event *new*, with its alarms: nothing of it is told to be
    over, and whoever was told of either hears when both are."""
    standings = ledger.standings(connection, rule)
    gone, other = standings.get(old, Standing()), standings.get(new, Standing())
    if gone.status not in ACTIVE:
        return
    moved = ledger.affair(connection, rule, old)
    begun = moved[-1:] + (ledger.affair(connection, rule, new)[-1:] if other.status in ACTIVE else [])
    _move(connection, rule, old, new, moved)
    _as_one(connection, rule, new, min((kept.id for kept in begun), default=0))
    state = tables.states.c
    connection.execute(delete(tables.states).where(state.rule == rule, state.key == old))
    ledger.keep_standing(connection, rule, new, _joined(gone, other) if other.status in ACTIVE else gone)


def _move(connection: Connection, rule: str, old: str, new: str, alarms: Sequence[ledger.Kept]) -> None:
    fired, changed = tables.firings.c, tables.changes.c
    of_other = select(fired.fired_at).where(fired.rule == rule, fired.key == new)
    taken = set(connection.scalars(of_other))
    for kept in alarms:
        at = kept.firing.fired_at
        while at in taken:  # both were told by one check: a key has one alarm at a moment
            at += _LEAST
        taken.add(at)
        moved = update(tables.firings).where(fired.id == kept.id)
        connection.execute(moved.values(key=new, fired_at=at))
    since = min((kept.firing.fired_at for kept in alarms), default=None)
    if since is not None:
        rows = update(tables.changes).where(
            changed.rule == rule, changed.key == old, changed.at >= since
        )  # fmt: skip
        connection.execute(rows.values(key=new))


def _as_one(connection: Connection, rule: str, key: str, first: int) -> None:
    """Makes one affair of the alarms from *first* on: an affair has one that began it."""
    fired = tables.firings.c
    later = update(tables.firings).where(
        fired.rule == rule, fired.key == key, fired.id > first, fired.cause == Cause.FIRST.value
    )
    connection.execute(later.values(cause=Cause.AGAIN.value))


def _joined(one: Standing, other: Standing) -> Standing:
    """The standing of two affairs that are one; it is kept quiet where both are."""
    began = [at for at in (one.began_at, other.began_at) if at]
    fired = [at for at in (one.fired_at, other.fired_at) if at]
    status = min(one.status, other.status, key=_GRAVEST.index)
    return replace(
        other if other.status is status else one,
        fired_at=max(fired, default=None), began_at=min(began, default=None),
        base=one.base + other.base, shown=one.shown + other.shown, need=min(one.need, other.need),
        classes=tuple(sorted({*one.classes, *other.classes})),
        events=tuple(sorted({*one.events, *other.events})), official=one.official or other.official,
    )  # fmt: skip
