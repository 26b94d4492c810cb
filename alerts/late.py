"""Documents too late for an alarm, or without a date: counted, told, and what they would have raised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Connection, select

from fengping.alerts import ledger, tables
from fengping.alerts.counted import ENGAGEMENT, histogram, is_engaged
from fengping.alerts.decide import Firing
from fengping.alerts.replay import Ticks, of_rule
from fengping.alerts.rules.rule import Rule
from fengping.indexer import Filter, Interval, Store
from fengping.state import State, upsert

LONGEST = timedelta(days=92)
"""The last part of a backfill for which it is said what it would have raised."""

MOST = 50_000
"""Documents that are read at most for what a share would have raised, but for those of the latest day."""

_MOST_KEYS = 500
_NEXT = timedelta(microseconds=1)


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
    """A check of a rule: the next looks at what the change log tells from there on."""

    rule: str
    at: datetime
    until: datetime
    """No alarm looks at what was published before."""
    sequence: int


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
    until: datetime,
    runs: Collection[datetime],
    ticks: Ticks,
    told: Told,
) -> tuple[Late, frozenset[str]]:
    """Counts what came by *runs* of the indexer, which ended since *before*, and was published until *until*;
    the ids of those with a time. A rule's first look at what is there finds no arrival."""
    if before is None or not runs:
        return Late(rule.name, 0, 0, ()), frozenset()
    # What the last check saw of a run at work was judged by it, but for what was too old then.
    earlier = {at for at in runs if at <= before.at}
    late = _came(rule, store, _older(rule, until), {*runs} - earlier, told)
    late |= _came(rule, store, _older(rule, min(before.until, until)), earlier, told)
    undated = _came(rule, store, _undated(rule), runs, told)
    would, begins = _would(rule, store, min(runs), until, ticks, late) if late else ((), None)
    return Late(rule.name, len(late), len(undated), would, begins), late


def load(connection: Connection, rule: str) -> Looked | None:
    """The last look of a rule."""
    row = connection.execute(select(tables.arrivals).where(tables.arrivals.c.rule == rule)).one_or_none()
    return None if row is None else Looked(row.rule, row.at, row.until, row.sequence)


def checked(connection: Connection) -> dict[str, datetime]:
    """The time of the last check of each rule."""
    return {row.rule: row.at for row in connection.execute(select(tables.arrivals))}


def keep(connection: Connection, looked: Looked) -> None:
    """Writes a look as the base of the next."""
    upsert(connection, tables.arrivals, {"rule": looked.rule}, {
        "at": looked.at, "until": looked.until, "sequence": looked.sequence,
    })  # fmt: skip


def _came(rule: Rule, store: Store, where: Filter, runs: Collection[datetime], told: Told) -> frozenset[str]:
    """Documents of *where* that came by *runs* and stand in no alarm."""
    keyed = _keyed(rule, store, replace(where, indexed_since=min(runs))) if runs else None
    if keyed is None:
        return frozenset()
    names = ("id", "indexed_at", *ENGAGEMENT)
    rows = (dict(zip(names, row, strict=True)) for row in store.columns(keyed, names))
    # A clock that went back gave later times to those that came before.
    came = (one for one in rows if one["indexed_at"].replace(microsecond=0) in runs and is_engaged(rule, one))
    return frozenset(one["id"] for one in came if one["id"] not in told.ids)


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


def _would(
    rule: Rule, store: Store, since: datetime, until: datetime, ticks: Ticks, late: frozenset[str]
) -> tuple[tuple[Firing, ...], datetime | None]:
    """Alarms that late arrivals would have raised, and :attr:`Late.begins`."""
    came = replace(_older(rule, until), indexed_since=since)
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
    would = tuple(firing for firing in found if not late.isdisjoint(firing.evidence))
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


def _older(rule: Rule, until: datetime) -> Filter:
    """Documents published until *until*, that moment included: no alarm looks at it."""
    return rule.selection(None, until + _NEXT)


def _undated(rule: Rule) -> Filter:
    return replace(rule.selection(), undated=True)
