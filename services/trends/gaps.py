"""Times at which nothing was collected, which are never a calm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log

from fengping.clock import day_of, day_start, days_between, local
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.services.trends.periods import check_course, interval_end, starts

NOTHING = "nothing was collected"
COMING = "still to come"
AROUND = timedelta(days=14)
"""Time before hours from which is reckoned how many documents usually come."""
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Collected:
    """All documents of a window by interval, and the days on which no run of a source finished."""

    by: Interval
    counts: Mapping[datetime, int]
    missing: frozenset[date]
    known: bool
    """False where the runs tell nothing: what is stored was imported."""
    now: datetime
    silent: frozenset[datetime] = frozenset()
    """Hours of runs without a document that are too long for chance."""

    def all(self, start: datetime) -> int:
        """Documents of whatever kind in the interval that begins at *start*."""
        return self.counts.get(start, 0)

    def gap(self, start: datetime) -> str:
        """The reason why a count of that interval is too low or none; empty where there is none."""
        end = min(interval_end(start, self.by), self.now)
        if end <= start:
            return COMING
        days = days_between(start, end)
        silent = sum(day in self.missing for day in days)
        if silent == len(days):
            return "no run of a source finished"
        if silent:
            return f"no run of a source finished on {silent} of {len(days)} days"
        if start in self.silent or (self.by is not Interval.HOUR and not self.all(start)):
            return NOTHING
        return ""


def runs_until(home: Home, until: datetime) -> Mapping[date, bool]:
    """Days before *until* on which a source ran, each with ``True`` where a run finished."""
    # With them come the sources and the database, of which a search has no need.
    from fengping.spiders.health import run_days
    from fengping.state import State

    with State.open(home).begin() as connection:
        return run_days(connection, day_of(until))


def without_collection(
    store: Store, runs: Mapping[date, bool], since: datetime, until: datetime
) -> frozenset[date]:
    """Days of ``[since, until)`` on which no run finished and of which no document is stored.

    Of days before the first run of all nothing is known: what is stored of them was imported.
    """
    begun = min(runs, default=day_of(until))
    idle = [day for day in days_between(since, until) if day >= begun and not runs.get(day)]
    if not idle:
        return frozenset()
    window = Filter(since=day_start(idle[0]), until=day_start(idle[-1]) + _DAY)
    return frozenset(idle) - {day_of(bucket.start) for bucket in store.histogram(window, Interval.DAY)}


def silent_hours(store: Store, since: datetime, until: datetime) -> frozenset[datetime]:
    """Hours of ``[since, until)`` without any document, in runs so long that chance brings hardly any."""
    begun = since - AROUND
    found = store.histogram(Filter(since=begun, until=until), Interval.HOUR)
    counts = {bucket.start: bucket.count for bucket in found}
    return frozenset(hour for hour in _silent(counts, begun, until) if hour >= since)


def empty_places(
    store: Store, runs: Mapping[date, bool], course: Sequence[datetime], by: Interval, now: datetime
) -> list[int]:
    """Places of *course*, beginnings of intervals, in which nothing was collected.

    Of weeks and months those of whose days this is so for half or more. What is to come is no gap.
    """
    if not course or course[0] >= now:
        return []
    until = min(interval_end(course[-1], by), now)
    missing = without_collection(store, runs, course[0], until)
    silent = silent_hours(store, course[0], until) if by is Interval.HOUR else frozenset()
    places = []
    for at, start in enumerate(course):
        days = days_between(start, min(interval_end(start, by), now)) if start < now else []
        if start in silent or (days and 2 * len(missing.intersection(days)) >= len(days)):
            places.append(at)
    return places


def collected(home: Home, store: Store, where: Filter, by: Interval, now: datetime) -> Collected:
    """All that was collected in the window of *where*, both ends of which are given.

    Raises :class:`UsageError` for one of more intervals than anybody reads.
    """
    from fengping.spiders.health import coverage  # loads the sources; a search has no need of them

    assert where.since and where.until
    check_course(store, where, by)
    covered = coverage(home, where.since, where.until, now)
    missing = frozenset(covered.missing_days if covered else ())
    whole = Filter(since=where.since, until=where.until)
    counts = {bucket.start: bucket.count for bucket in store.histogram(whole, by)}
    silent = _silent(counts, where.since, min(where.until, now)) if by is Interval.HOUR else frozenset()
    return Collected(by, counts, missing, covered is not None, now, silent)


def _silent(counts: Mapping[datetime, int], since: datetime, until: datetime) -> frozenset[datetime]:
    """Hours without any document, in runs so long that chance brings less than one in the window.

    A single hour is one where a dozen documents usually come; of a small home, or at night, many together.
    """
    hours = [start for start in starts(since, until, Interval.HOUR) if start < until]
    days = len({day_of(hour) for hour in counts})
    usual: Counter[int] = Counter()
    for start, count in counts.items():
        usual[local(start).hour] += count
    found: set[datetime] = set()
    run: list[datetime] = []
    for hour in [*hours, None]:
        if hour is not None and not counts.get(hour):
            run.append(hour)
            continue
        # Poisson's chance of nothing is e to the minus what is usual.
        expected = sum(usual[local(one).hour] * min(1.0, (until - one) / _HOUR) for one in run)
        if run and days and expected / days > log(len(hours)):
            found.update(run)
        run = []
    return frozenset(found)
