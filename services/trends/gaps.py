"""Times at which nothing was collected, which are never a calm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fengping.clock import days_between
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.services.trends.periods import interval_end
from fengping.spiders.health import coverage


@dataclass(frozen=True)
class Collected:
    """All documents of a window by interval, and the days on which no source ran."""

    by: Interval
    counts: Mapping[datetime, int]
    missing: frozenset[date]
    known: bool
    """False where the runs tell nothing: what is stored was imported."""
    now: datetime

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
        if self.by is not Interval.HOUR and not self.all(start):
            return "nothing was collected"
        return ""


def collected(home: Home, store: Store, where: Filter, by: Interval, now: datetime) -> Collected:
    """All that was collected in the window of *where*, both ends of which are given."""
    assert where.since and where.until
    covered = coverage(home, where.since, where.until, now)
    missing = frozenset(covered.missing_days if covered else ())
    whole = Filter(since=where.since, until=where.until)
    counts = {bucket.start: bucket.count for bucket in store.histogram(whole, by)}
    return Collected(by, counts, missing, covered is not None, now)
