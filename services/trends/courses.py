"""A course of counts made readable: share of all collected, gaps, campaigns, the period before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search import trends
from fengping.services.aside import Aside, aside_of
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends import gaps
from fengping.services.trends.campaigns import campaign_of
from fengping.services.trends.periods import Against, Shift, bounded, ends, interval_end, start_text, starts
from fengping.services.trends.shares import Share


@dataclass(frozen=True, slots=True)
class Point:
    """One interval of one value of the split."""

    start: datetime
    split: str | None
    share: Share
    """Of all documents collected in the interval."""
    gap: str
    """The reason why the count says little; empty where all was collected."""
    campaign: str
    before: int | None
    """The count of the same interval, by weekday, of the compared period; ``None`` without one."""

    @property
    def count(self) -> int:
        return self.share.count

    @property
    def change(self) -> float | None:
        """Relative change against the compared period; ``None`` where that had no document, or a gap."""
        return (self.count - self.before) / self.before if self.before and not self.gap else None

    def to_record(self, by: Interval) -> dict[str, Any]:
        """A row for JSON; a share over a gap is none."""
        share = self.share.to_record()
        row = {
            "start": start_text(self.start, by), "count": self.count, "split": self.split,
            "all": self.share.of, "share": None if self.gap else share["share"],
            "interval": None if self.gap else share["interval"], "gap": self.gap, "campaign": self.campaign,
        }  # fmt: skip
        if self.before is not None:
            change = self.change
            row |= {"before": self.before, "change": None if change is None else round(change, 6)}
        return row


@dataclass(frozen=True)
class Course:
    """Counts over time."""

    where: Filter
    by: Interval
    points: Sequence[Point]
    undated: int
    collection_known: bool
    """False where no source of this home ran in the window, so that only empty intervals tell of gaps."""
    aside: Aside
    """Documents that counts of negatives leave out."""
    against: Against | None = None

    @property
    def gaps(self) -> list[Point]:
        """Intervals with a gap, each once."""
        first = self.points[0].split if self.points else None
        return [point for point in self.points if point.gap and point.split == first]


def course(
    home: Home,
    asked: Asked,
    now: datetime,
    *,
    by: str = Interval.DAY,
    split: str | None = None,
    against: str | None = None,
    store: Store | None = None,
) -> Course:
    """Counts of *asked* by interval beside all that was collected, and beside the period *against*."""
    interval = Interval(one_of(by, list(Interval), "--by"))
    other = None if against is None else Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        buckets = trends.trend(opened, where, interval, split=split)
        undated = trends.undated(opened, where)
        aside = aside_of(opened, where)
        whole = bounded(opened, where)
        if not buckets or not (whole.since and whole.until):
            return Course(where, interval, (), undated, False, aside, other)
        whole = Filter(since=buckets[0].start, until=interval_end(buckets[-1].start, interval))
        found = gaps.collected(home, opened, whole, interval, now)
        before = {} if other is None else _before(opened, where, interval, split, other)
    points = [
        Point(
            bucket.start,
            bucket.split,
            Share(bucket.count, found.all(bucket.start)),
            found.gap(bucket.start),
            campaign_of(
                day_of(bucket.start), day_of(interval_end(bucket.start, interval) - timedelta(hours=1))
            ),
            None if other is None else before.get((bucket.start, bucket.split), 0),
        )
        for bucket in buckets
    ]
    return Course(where, interval, points, undated, found.known, aside, other)


def _before(
    store: Store, where: Filter, by: Interval, split: str | None, against: Against
) -> Mapping[tuple[datetime, str | None], int]:
    """Counts of the compared period under the beginnings of the intervals that they stand beside."""
    since, until = ends(where)
    later = Shift(since, until, by, against)
    asked = replace(where, since=later.back(since), until=later.back(until))
    found = {(bucket.start, bucket.split): bucket.count for bucket in store.histogram(asked, by, split=split)}
    values = {split for _, split in found}
    return {
        (start, value): found.get((later.back(start), value), 0)
        for start in starts(since, until, by)
        for value in values
    }
