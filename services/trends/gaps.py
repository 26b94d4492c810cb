"""Times at which nothing was collected, which are never a calm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import log

from fengping.clock import day_of, days_between, local
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.services.trends.periods import interval_end, starts

NOTHING = "nothing was collected"


@dataclass(frozen=True)
class Collected:
    """All documents of a window by interval, and the days on which no source ran."""

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
            return ""
        days = days_between(start, end)
        silent = sum(day in self.missing for day in days)
        if silent == len(days):
            return "no source ran"
        if silent:
            return f"no source ran on {silent} of {len(days)} days"
        if start in self.silent or (self.by is not Interval.HOUR and not self.all(start)):
            return NOTHING
        return ""


def collected(home: Home, store: Store, where: Filter, by: Interval, now: datetime) -> Collected:
    """All that was collected in the window of *where*, both ends of which are given."""
    from fengping.spiders.health import coverage  # loads the sources; a search has no need of them

    assert where.since and where.until
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
        if run and days and sum(usual[local(one).hour] for one in run) / days > log(len(hours)):
            found.update(run)
        run = []
    return frozenset(found)
