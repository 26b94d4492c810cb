"""A course of counts made readable: share of all collected, gaps, campaigns, the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from fengping.clock import day_of, days_between
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search import trends
from fengping.indexer.search.versions import told_apart
from fengping.services.aside import Aside, aside_of
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends import gaps
from fengping.services.trends.campaigns import campaign_of
from fengping.services.trends.periods import (
    Against,
    Shift,
    bounded,
    check_course,
    ends,
    interval_end,
    start_text,
)
from fengping.services.trends.shares import Share
from fengping.services.unknown_parties import unknown_parties


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
    part: str = ""
    """The part of the interval that lies within the window asked for and is over; empty where all is."""
    running: bool = False
    """True where some of that part is still to come."""
    before: int | None = None
    """The count of the same interval, by weekday, of the compared period; ``None`` without one, and where
    nothing at all was collected then."""
    before_gap: str | None = None
    """The reason why that count says little or nothing, empty where all was collected; ``None`` without a
    compared period."""

    @property
    def count(self) -> int:
        return self.share.count

    @property
    def change(self) -> float | None:
        """Relative change against the compared period; ``None`` where that had no document, one has a gap, or
        this one still runs."""
        if not self.before or self.gap or self.before_gap or self.running:
            return None
        return (self.count - self.before) / self.before

    def to_record(self, by: Interval) -> dict[str, Any]:
        """A row for JSON; a share over a gap is none."""
        share = self.share.to_record()
        row = {
            "start": start_text(self.start, by), "count": self.count, "split": self.split,
            "all": self.share.of, "share": None if self.gap else share["share"],
            "interval": None if self.gap else share["interval"], "gap": self.gap, "part": self.part,
            "campaign": self.campaign,
        }  # fmt: skip
        if self.before_gap is not None:
            change = self.change
            row |= {
                "before": self.before, "change": None if change is None else round(change, 6),
                "before_gap": self.before_gap,
            }  # fmt: skip
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
    hints: Sequence[str] = ()
    """Sentences on parties that no text names, where nothing was found."""

    @property
    def gaps_before(self) -> list[Point]:
        """Intervals whose compared ones have a gap, each once."""
        first = self.points[0].split if self.points else None
        return [point for point in self.points if point.before_gap and point.split == first]

    @property
    def gaps(self) -> list[Point]:
        """Intervals with a gap, each once; those to come are none."""
        return [point for point in self._with_reason if point.gap != gaps.COMING]

    @property
    def coming(self) -> list[Point]:
        """Intervals that are still to come, each once."""
        return [point for point in self._with_reason if point.gap == gaps.COMING]

    @property
    def _with_reason(self) -> list[Point]:
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
        whole = bounded(opened, where)
        check_course(opened, whole, interval, split)
        buckets = trends.trend(opened, where, interval, split=split)
        undated = trends.undated(opened, where)
        aside = aside_of(opened, where)
        hints = (told_apart if any(one.count for one in buckets) else unknown_parties)(opened, where)
        if not buckets or not (whole.since and whole.until):
            return Course(where, interval, (), undated, False, aside, other, hints)
        window = (
            max(buckets[0].start, whole.since),
            min(interval_end(buckets[-1].start, interval), whole.until),
        )
        whole = Filter(since=window[0], until=window[1])
        found = gaps.collected(home, opened, whole, interval, now)
        then = None if other is None else _Then(home, opened, where, interval, split, other, now)

    @cache
    def about(start: datetime) -> tuple[str, str, str, bool]:
        """Gap, campaign and part of an interval, and if it is not over, whatever the split."""
        end = interval_end(start, interval)
        running = start < now < min(end, window[1])
        part = _part(start, interval, window)
        campaign = campaign_of(day_of(start), day_of(end - timedelta(hours=1)))
        return found.gap(start), campaign, f"{part} so far".strip() if running else part, running

    points = [
        Point(
            bucket.start,
            bucket.split,
            Share(bucket.count, found.all(bucket.start)),
            *about(bucket.start),
            *(then.beside(bucket.start, bucket.split) if then else ()),
        )
        for bucket in buckets
    ]
    return Course(where, interval, points, undated, found.known, aside, other, hints)


def _part(start: datetime, by: Interval, window: tuple[datetime, datetime]) -> str:
    """The part of an interval of several days that a window holds."""
    end = interval_end(start, by)
    inside = days_between(max(start, window[0]), min(end, window[1]))
    days = days_between(start, end)
    return f"{len(inside)} of {len(days)} days" if len(inside) < len(days) else ""


class _Then:
    """Counts of the compared period beside the intervals of this one."""

    def __init__(
        self, home: Home, store: Store, where: Filter, by: Interval, split: str | None, against: Against,
        now: datetime,
    ) -> None:  # fmt: skip
        since, until = ends(where)
        self._shift = Shift(since, until, by, against)
        begun, over = self._shift.back(since), self._shift.back(until)
        asked = replace(where, since=begun, until=over)
        self._counts = {(b.start, b.split): b.count for b in store.histogram(asked, by, split=split)}
        self._collected = gaps.collected(home, store, Filter(since=begun, until=over), by, now)

    def beside(self, start: datetime, split: str | None) -> tuple[int | None, str]:
        """The count of the interval that *start* stands beside, and why it says little; no zero where nothing
        was collected."""
        back = self._shift.back(start)
        gap = self._collected.gap(back) or ("" if self._collected.counts else gaps.NOTHING)
        if gap and not self._collected.all(back):
            return None, gap
        return self._counts.get((back, split), 0), gap
