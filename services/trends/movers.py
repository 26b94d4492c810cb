"""Hosts by how much changed for each against the period before, with the test of chance of ``compare``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of, day_start
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search.trends import spread
from fengping.models import Polarity
from fengping.services.overview import newest_day
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends.changes import Change, Moved, days_collected, moved
from fengping.services.trends.periods import Against, earlier, starts

FIGURES = ("accused", "negative", "documents")
"""Documents that accuse a host; negative ones that name it; all that name it."""
SORTS = ("now", "rise", "fall")
DAYS = 28
"""Days of a window that nobody names, up to the last with documents."""
_NEGATIVE = {"polarity": (Polarity.NEG.value,)}


@dataclass(frozen=True, slots=True)
class Mover:
    """One host in both periods."""

    name: str
    changes: Mapping[str, Change]
    """By the names of :data:`FIGURES`; ``other`` is ``None`` where nothing was collected then."""

    def to_record(self) -> dict[str, Any]:
        return {"host": self.name} | {
            figure: {"now": change.one, "before": change.other, **change.to_record()}
            for figure, change in self.changes.items()
        }


@dataclass(frozen=True)
class Movers:
    """The hosts of a window beside an earlier one."""

    wheres: tuple[Filter, Filter]
    days: tuple[int, int]
    """Days on which was collected, of each period."""
    of: str
    """The figure by which they stand in order."""
    hosts: Sequence[Mover]

    def to_record(self) -> dict[str, Any]:
        windows = [
            [str(day_of(where.since)), str(day_of(where.until - timedelta(microseconds=1)))]
            for where in self.wheres
            if where.since and where.until
        ]
        return {
            "windows": windows, "days_collected": list(self.days), "of": self.of,
            "hosts": [host.to_record() for host in self.hosts],
        }  # fmt: skip

    def rows(self) -> list[list[Any]]:
        """A row of :data:`COLUMNS` a host."""
        records = [host.to_record() for host in self.hosts]
        return [
            [record["host"], *(record[figure][part] for figure in FIGURES for part in _PARTS)]
            for record in records
        ]


_PARTS = ("now", "before", "difference", "percent", "moved")
COLUMNS = ("host", *(f"{figure}_{part}" for figure in FIGURES for part in _PARTS))


def movers(
    home: Home,
    asked: Asked,
    now: datetime,
    *,
    of: str = "accused",
    against: str = Against.PREVIOUS,
    sort: str = "rise",
    limit: int = 50,
    store: Store | None = None,
) -> Movers:
    """Hosts that are named in the window of *asked* or in the period *against*, in the order of *sort*.

    ``now``: most of the figure *of* first; ``rise`` and ``fall``: by its difference. Without a window the
    last :data:`DAYS` days up to the newest document. Raises :class:`UsageError` for one with an open end.
    """
    of, sort = one_of(of, FIGURES, "--of"), one_of(sort, SORTS, "--sort")
    period = Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        if where.since is None and where.until is None:
            last = day_start(newest_day(opened, Filter(until=now)) or day_of(now)) + timedelta(days=1)
            where = replace(where, since=last - timedelta(days=DAYS), until=last)
        wheres = where, earlier(where, period)
        sides = [_Side(home, opened, one, now) for one in wheres]
    days = sides[0].collected, sides[1].collected
    names = sorted({name for side in sides for counts in side.counts.values() for name in counts})
    found = [Mover(name, {figure: _change(figure, name, sides) for figure in FIGURES}) for name in names]

    def order(one: Mover) -> tuple[float, float, str]:
        change = one.changes[of]
        rise = change.difference or 0.0
        return {"now": 0.0, "rise": -rise, "fall": rise}[sort], -(change.one or 0), one.name

    return Movers(wheres, days, of, sorted(found, key=order)[:limit])


class _Side:
    """Counts of every host in one period."""

    def __init__(self, home: Home, store: Store, where: Filter, now: datetime) -> None:
        assert where.since and where.until
        negative = replace(where, where={**where.where, **_NEGATIVE})
        self.span = len(starts(where.since, where.until, Interval.DAY))
        self.all = store.count(Filter(since=where.since, until=where.until))
        self.collected = days_collected(home, store, where, self.span, now)
        self.daily = {
            "documents": _daily(store, where, "hosts"),
            "accused": _daily(store, negative, "negative_hosts"),
        }
        self.counts = {
            figure: {name: sum(counts) for name, counts in found.items()}
            for figure, found in self.daily.items()
        }
        self.counts["negative"] = dict(store.terms(negative, "hosts"))

    def spread(self, figure: str, name: str) -> float:
        # As two searches for the host are compared: by the days of all that names it.
        own = "accused" if figure == "accused" else "documents"
        return spread(self.daily[own].get(name, []), self.span)


def _daily(store: Store, where: Filter, field: str) -> dict[str, list[int]]:
    """Counts of the days that have any, by value."""
    found: dict[str, list[int]] = {}
    for bucket in store.histogram(where, Interval.DAY, split=field):
        found.setdefault(bucket.split or "", []).append(bucket.count)
    return found


def _change(figure: str, name: str, sides: Sequence[_Side]) -> Change:
    one, other = (side.counts[figure].get(name, 0) for side in sides)
    if not all(side.all for side in sides):
        values = [count if side.all else None for count, side in zip((one, other), sides, strict=True)]
        return Change(figure, values[0], values[1], Moved.UNKNOWN)
    days = sides[0].collected, sides[1].collected
    wide = max(side.spread(figure, name) for side in sides)
    return Change(figure, one, other, moved(one, other, days, wide))
