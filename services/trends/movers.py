"""Hosts by how much changed for each against the period before, with the test of chance of ``compare``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import USUAL_DAYS, day_of, day_start
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search.trends import begun, spread
from fengping.models import Polarity
from fengping.services.overview import newest_day
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends.changes import Change, Days, Moved, comparable, days_collected, moved
from fengping.services.trends.periods import Against, earlier, starts

FIGURES = ("accused", "negative", "documents")
"""Documents that accuse a host; negative ones that name it; all that name it."""
SORTS = ("now", "rise", "fall")
_MOST = 10_000
"""Hosts that are counted, those with most documents first."""
_FEW = 30
"""Hosts up to which choosing their documents costs less than counting those of all."""
_SURE = (Moved.UP, Moved.DOWN)
Counts = Mapping[str, tuple[int, int]]
"""Documents of both periods, by the names of :data:`FIGURES`."""


@dataclass(frozen=True, slots=True)
class Mover:
    """One host in both periods."""

    name: str
    counts: Counts
    changes: Mapping[str, Change]
    """Of the figures that were tested; ``other`` is ``None`` where nothing was collected then."""

    def to_record(self) -> dict[str, Any]:
        return {"host": self.name} | {
            figure: {"now": change.one, "before": change.other, **change.to_record()}
            for figure, change in self.changes.items()
        }


@dataclass(frozen=True)
class Movers:
    """The hosts of a window beside an earlier one."""

    wheres: tuple[Filter, Filter]
    days: Days
    """Days on which was collected, of each period."""
    of: str
    """The figure by which they stand in order."""
    hosts: Sequence[Mover]
    found: int
    """Hosts that there are in all."""

    def to_record(self) -> dict[str, Any]:
        windows = [
            [str(day_of(where.since)), str(day_of(where.until - timedelta(microseconds=1)))]
            for where in self.wheres
            if where.since and where.until
        ]
        return {
            "windows": windows, "days_collected": list(self.days), "of": self.of,
            "found": self.found, "hosts": [host.to_record() for host in self.hosts],
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
    tested: Sequence[str] = FIGURES,
    keep: Callable[[str, Counts], bool] = lambda *_: True,
    store: Store | None = None,
) -> Movers:
    """Hosts that are named in the window of *asked* or in the period *against*, in the order of *sort*.

    ``now``: most of the figure *of* first; ``rise`` and ``fall``: by its difference a day. *tested*: the
    figures whose change is told; each costs counts by day. *keep*: chooses hosts by name and counts, before
    *limit*. Without a window the last :data:`USUAL_DAYS` days up to the newest document. Raises
    :class:`UsageError` for one with an open end.
    """
    of, sort = one_of(of, FIGURES, "--of"), one_of(sort, SORTS, "--sort")
    period = Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        if where.since is None and where.until is None:
            last = day_start(newest_day(opened, Filter(until=now)) or day_of(now)) + timedelta(days=1)
            where = replace(where, since=last - timedelta(days=USUAL_DAYS), until=last)
        wheres = where, earlier(where, period)
        days = _collected(home, opened, wheres[0], now), _collected(home, opened, wheres[1], now)
        counts = _counts(opened, wheres)

        def order(name: str) -> tuple[int, int, str]:
            one, other = counts[name][of]
            # In whole numbers (days are told to a tenth): hosts that rose alike stand by their counts.
            rise = round(10 * (one * days[1] - other * days[0])) if comparable(days) else 0
            return {"now": 0, "rise": -rise, "fall": rise}[sort], -one if days[0] else 0, name

        kept = sorted((name for name in counts if keep(name, counts[name])), key=order)
        names = kept[:limit]
        changes = {
            figure: _changes(
                opened,
                (begun(wheres[0], now), wheres[1]),
                days,
                figure,
                {name: counts[name][figure] for name in names},
            )
            for figure in tested
        }
    hosts = [
        Mover(name, counts[name], {figure: changes[figure][name] for figure in tested}) for name in names
    ]
    return Movers(wheres, days, of, hosts, len(kept))


def _span(where: Filter) -> int:
    assert where.since and where.until
    return len(starts(where.since, where.until, Interval.DAY))


def _collected(home: Home, store: Store, where: Filter, now: datetime) -> float:
    """Days on which was collected; none where nothing is stored of that time."""
    return days_collected(home, store, where, _span(where), now)


def _counts(store: Store, wheres: tuple[Filter, Filter]) -> dict[str, dict[str, tuple[int, int]]]:
    """Documents of both periods by host and figure."""
    sides: list[dict[str, dict[str, int]]] = []
    for where in wheres:
        negative = store.facets(_negative(where), ["hosts", "negative_hosts"], limit=_MOST)
        named = store.terms(where, "hosts", limit=_MOST)
        sides.append(
            {
                "accused": dict(negative["negative_hosts"]),
                "negative": dict(negative["hosts"]),
                "documents": dict(named),
            }
        )
    names = {name for side in sides for counts in side.values() for name in counts}
    one, other = sides
    return {
        name: {figure: (one[figure].get(name, 0), other[figure].get(name, 0)) for figure in FIGURES}
        for name in names
    }


def _negative(where: Filter) -> Filter:
    return replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})


def _changes(
    store: Store,
    wheres: tuple[Filter, Filter],
    days: Days,
    figure: str,
    counts: Mapping[str, tuple[int, int]],
) -> dict[str, Change]:
    """The change of a figure by host, with the outcome that two searches for the host are told."""
    # Days that vary only make a change less sure: what even days would not show needs no look at the days.
    sure = [name for name, (one, other) in counts.items() if moved(one, other, days, 1.0) in _SURE]
    spreads = [_spreads(store, where, figure, sure) for where in wheres] if sure else []
    found: dict[str, Change] = {}
    for name, pair in counts.items():
        wide = max((side[name] for side in spreads if name in side), default=1.0)
        one, other = (count if side else None for count, side in zip(pair, days, strict=True))
        found[name] = Change(figure, one, other, moved(*pair, days, wide), days=days)
    return found


def _spreads(store: Store, where: Filter, figure: str, names: Sequence[str]) -> dict[str, float]:
    """Variance over mean of the days by host: as of two searches for it, of the days of all that names it."""
    field, narrow = ("negative_hosts", _negative(where)) if figure == "accused" else ("hosts", where)
    daily: dict[str, list[int]] = {name: [] for name in names}
    if len(names) <= _FEW:
        narrow = replace(narrow, where={field: tuple(names), **narrow.where})
    for bucket in store.histogram(narrow, Interval.DAY, split=field):
        if bucket.split in daily:
            daily[bucket.split].append(bucket.count)
    span = _span(where)
    return {name: spread(found, span) for name, found in daily.items()}
