"""Documents too late for an alarm, or without a date: counted, told, and what they would have raised."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection, delete, insert, select

from fengping.alerts import ledger, tables
from fengping.alerts.counted import ENGAGEMENT, count, histogram, is_engaged
from fengping.alerts.decide import Firing
from fengping.alerts.replay import Ticks, of_rule
from fengping.alerts.rules.rule import Rule
from fengping.indexer import Filter, Interval, Store
from fengping.state import State

LONGEST = timedelta(days=92)
"""The last part of a backfill for which it is said what it would have raised."""

MOST = 50_000
"""Documents that are read at most for what a share would have raised, but for those of the latest day."""

_MOST_KEYS = 500
_MARGIN = timedelta(hours=1)
_NEXT = timedelta(microseconds=1)
_RUN = timedelta(days=1)
"""Time for which a run of the indexer may be at work: what it puts bears the moment at which it began."""


@dataclass(frozen=True, slots=True)
class Late:
    """Arrivals of a rule that raised no alarm because of their dates."""

    rule: str
    late: int
    undated: int
    would: tuple[Firing, ...]
    """Alarms that they would have raised had they come in time."""
    begins: datetime | None = None
    """The moment from which on these were looked for, where some were published before it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at what is there, to be kept as the base of the next."""

    rule: str
    digest: str
    at: datetime
    until: datetime
    late: int
    undated: int


@dataclass(frozen=True)
class Told:
    """Documents that alarms of a rule have told: none of these comes too late, though its text changed."""

    state: State
    rule: str

    @cached_property
    def ids(self) -> frozenset[str]:
        with self.state.begin() as connection:
            return ledger.in_alarms(connection, self.rule)


def look(
    rule: Rule,
    store: Store,
    before: Looked | None,
    now: datetime,
    clock: datetime,
    ticks: Ticks,
    told: Told,
    refill: str,
) -> tuple[Late, Looked]:
    """Counts what came since *before*; *now* is the moment judged, *clock* the time by which is indexed.

    A rule's first look at what is there, one after its selection changed, or one after a *refill* of the
    store, is the base of the next and finds no arrival.
    """
    until = now - rule.max_age
    late = _count(rule, store, _older(rule, until))
    undated = _count(rule, store, _undated(rule))
    looked = Looked(rule.name, _digest(rule, refill), clock, until, late, undated)
    if before is None or before.digest != looked.digest:
        return Late(rule.name, 0, 0, ()), looked
    came = _came(rule, store, before, looked, told)
    further = _arrived(rule, store, _undated(rule), undated - before.undated, before, clock, told)
    would, begins = _would(rule, store, before.at - _MARGIN, until, ticks, told) if came else ((), None)
    return Late(rule.name, came, further, would, begins), looked


def load(connection: Connection, rule: str) -> Looked | None:
    """The last look of a rule."""
    row = connection.execute(select(tables.arrivals).where(tables.arrivals.c.rule == rule)).one_or_none()
    return None if row is None else Looked(row.rule, row.digest, row.at, row.until, row.late, row.undated)


def checked(connection: Connection) -> dict[str, datetime]:
    """The time of the last check of each rule."""
    return {row.rule: row.at for row in connection.execute(select(tables.arrivals))}


def keep(connection: Connection, looked: Looked) -> None:
    """Writes a look as the base of the next."""
    connection.execute(delete(tables.arrivals).where(tables.arrivals.c.rule == looked.rule))
    connection.execute(insert(tables.arrivals).values(
        rule=looked.rule, digest=looked.digest, at=looked.at, until=looked.until, late=looked.late,
        undated=looked.undated,
    ))  # fmt: skip


def take_off(state: State, rule: Rule, store: Store, ids: Collection[str]) -> None:
    """Takes documents that are about to go off what was there at the last look: as many that come late
    would not be seen beside them."""
    while (before := _load(state, rule.name)) is not None:
        late = _among(rule, store, _older(rule, before.until), ids, before.at)
        undated = _among(rule, store, _undated(rule), ids, before.at)
        with state.exclusive() as connection:
            if load(connection, rule.name) == before:  # no check has looked meanwhile
                return keep(
                    connection, replace(before, late=before.late - late, undated=before.undated - undated)
                )


def _load(state: State, rule: str) -> Looked | None:
    with state.begin() as connection:
        return load(connection, rule)


def _among(rule: Rule, store: Store, where: Filter, ids: Collection[str], at: datetime | None = None) -> int:
    """Documents of *ids* that are counted, or were *at* a moment: what came in since was not."""
    if (keyed := _keyed(rule, store, where)) is None:
        return 0
    names = ("id", "indexed_at", *ENGAGEMENT)
    rows = (dict(zip(names, row, strict=True)) for row in store.columns(keyed, names))
    there = (one for one in rows if one["id"] in ids and (at is None or one["indexed_at"] <= at))
    return sum(is_engaged(rule, one) for one in there)


def _count(rule: Rule, store: Store, where: Filter) -> int:
    keyed = _keyed(rule, store, where)
    return 0 if keyed is None else count(rule, store, keyed)


def _untold(rule: Rule, store: Store, where: Filter, told: Told) -> int:
    number = _count(rule, store, where)
    return number - _among(rule, store, where, told.ids) if number and told.ids else number


def _keyed(rule: Rule, store: Store, where: Filter) -> Filter | None:
    """Documents that have a key, ``None`` where none has; where there are too many keys to name, all."""
    if not rule.key_field or rule.keys:
        return where
    named = store.terms(where, rule.key_field, limit=_MOST_KEYS)
    if not named:
        return None
    if len(named) == _MOST_KEYS:
        return where
    return replace(where, where=where.where | {rule.key_field: tuple(key for key, _ in named)})


def _came(rule: Rule, store: Store, before: Looked, looked: Looked, told: Told) -> int:
    until = looked.until
    after = before.at + _NEXT  # what was indexed at the moment of the last check was judged by it
    if before.until > until:  # the clock went back
        return _untold(rule, store, _since(_older(rule, until), after), told)
    older = _older(rule, before.until)
    further = _count(rule, store, older) - before.late
    between = _untold(rule, store, _since(_older(rule, until, before.until), after), told)
    return _arrived(rule, store, older, further, before, looked.at, told) + between


def _arrived(
    rule: Rule, store: Store, where: Filter, further: int, before: Looked, clock: datetime, told: Told
) -> int:
    """Documents of *where* that came in since the last look.

    Those that bear a later time, by *clock*, came for sure, however many others have left meanwhile by being
    judged anew or corrected. Of so many *further* ones some may bear the time at which a run of the indexer
    began; of others the judgement changed.
    """
    later = _since(where, before.at + _NEXT)
    came = 0
    if store.count(later):  # times to come are those of a clock that was wrong
        ahead = _untold(rule, store, _since(where, clock + _NEXT), told)
        came = _untold(rule, store, later, told) - ahead
    if further <= came:
        return came
    return min(further, _untold(rule, store, _since(where, before.at - _RUN), told))


def _would(
    rule: Rule, store: Store, since: datetime, until: datetime, ticks: Ticks, told: Told
) -> tuple[tuple[Firing, ...], datetime | None]:
    """Alarms that late arrivals would have raised, and :attr:`Late.begins`."""
    came = _since(_older(rule, until), since)
    days = histogram(rule, store, came, Interval.DAY)
    if not days or rule.by_silence:
        return (), None
    last = days[-1].start + timedelta(days=1) + rule.timeframe
    first = max(days[0].start, last - LONGEST)
    keys: Sequence[str] = ()
    if rule.key_field:
        named = store.terms(came, rule.key_field, limit=10_000)
        keys = [key for key, _ in named if not rule.keys or key in rule.keys]
    first = max(first, _affordable(rule, store, first, last, keys))
    found = of_rule(rule, store, first, min(last, until + rule.timeframe), ticks, keys)
    stored = {id for (id,) in store.columns(came, ("id",)) if id not in told.ids}
    would = tuple(firing for firing in found if any(id in stored for id in firing.evidence))
    return would, first if first > days[0].start else None


def _affordable(rule: Rule, store: Store, first: datetime, last: datetime, keys: Sequence[str]) -> datetime:
    """The day from which on there are few enough documents; of other kinds counts by hour spare most."""
    if not rule.every_tick:
        return first
    where = rule.selection(first, last)
    if rule.key_field and len(keys) < _MOST_KEYS:
        where = replace(where, where=where.where | {rule.key_field: tuple(keys)})
    read, begin = 0, last
    for day in reversed(histogram(rule, store, where, Interval.DAY)):
        read += day.count
        if read > MOST and begin < last:
            return begin
        begin = day.start
    return first


def _older(rule: Rule, until: datetime, since: datetime | None = None) -> Filter:
    """Documents published after *since* until *until*, that moment included: no alarm looks at it."""
    return rule.selection(since and since + _NEXT, until + _NEXT)


def _since(where: Filter, moment: datetime) -> Filter:
    return replace(where, indexed_since=moment)


def _undated(rule: Rule) -> Filter:
    return replace(rule.selection(), undated=True)


def _digest(rule: Rule, refill: str) -> str:
    counted = repr(rule.selection()) + refill
    return hashlib.sha256(counted.encode()).hexdigest()[:32] + f" {rule.max_age}"[:30]
