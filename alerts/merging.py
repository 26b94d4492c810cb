"""Alarms of an event that another took over: its affair goes on as that of the other, and is not over."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

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
    """Joins the affair of the event *old*, for which an alarm fires, to the event *new*, with its alarms:
    nothing of it is told to be over, and whoever was told of either hears when both are."""
    standings = ledger.standings(connection, rule)
    gone, other = standings.get(old, Standing()), standings.get(new, Standing())
    moved = ledger.affair(connection, rule, old)
    current = ledger.affair(connection, rule, new) if other.status in ACTIVE else []
    first = min((kept.id for kept in (*moved, *current)), default=0)
    over = _over_since(connection, rule, new, first, moved, {kept.id for kept in current})
    until = min((kept.firing.fired_at for kept in current), default=None)
    coming, leaving = _changes(connection, rule, old, moved), _changes(connection, rule, new, over, until)
    _move(connection, rule, new, moved, coming)
    _move(connection, rule, old, over, leaving)
    _as_one(connection, rule, new, first)
    state = tables.states.c
    connection.execute(delete(tables.states).where(state.rule == rule, state.key == old))
    ledger.keep_standing(connection, rule, new, _joined(gone, other) if other.status in ACTIVE else gone)


def _over_since(
    connection: Connection, rule: str, key: str, first: int, moved: Sequence[ledger.Kept], current: Set[int]
) -> list[ledger.Kept]:
    """Alarms of *key* whose affairs were over, and not before *moved* began: they change places with these,
    for between its first alarm and its last an affair has no other's, and no other's end."""
    fired = tables.firings.c
    ids = connection.scalars(select(fired.id).where(fired.rule == rule, fired.key == key))
    found = [ledger.find(connection, id) for id in ids if id not in current]
    since = min((kept.firing.fired_at for kept in moved), default=None)

    def meets(kept: ledger.Kept) -> bool:
        ended = ledger.ended_at(connection, kept)
        return kept.id > first or bool(since and ended and ended > since)

    return [kept for kept in found if meets(kept)]


def _changes(
    connection: Connection,
    rule: str,
    key: str,
    alarms: Sequence[ledger.Kept],
    until: datetime | None = None,
) -> list[int]:
    """Numbers of the changes of *key* from the first of *alarms* on."""
    if not alarms:
        return []
    changed = tables.changes.c
    since = min(kept.firing.fired_at for kept in alarms)
    rows = select(changed.id).where(changed.rule == rule, changed.key == key, changed.at >= since)
    return list(connection.scalars(rows if until is None else rows.where(changed.at < until)))


def _move(
    connection: Connection, rule: str, key: str, alarms: Sequence[ledger.Kept], changes: Sequence[int]
) -> None:
    fired, changed = tables.firings.c, tables.changes.c
    taken = set(connection.scalars(select(fired.fired_at).where(fired.rule == rule, fired.key == key)))
    for kept in alarms:
        at = kept.firing.fired_at
        while at in taken:  # both were told by one check: a key has one alarm at a moment
            at += _LEAST
        taken.add(at)
        moved = update(tables.firings).where(fired.id == kept.id)
        connection.execute(moved.values(key=key, fired_at=at))
    for some in batched(changes, ledger.ASKED):
        connection.execute(update(tables.changes).where(changed.id.in_(some)).values(key=key))


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
