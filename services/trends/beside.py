"""Two searches, hosts or periods side by side: totals, share of voice, and days paired by weekday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends import gaps
from fengping.services.trends.campaigns import campaign_of
from fengping.services.trends.periods import Against, closed, earlier, start_text, starts, weekday_shift
from fengping.services.trends.shares import Share

_PAIRED = (Interval.HOUR, Interval.DAY, Interval.WEEK)


@dataclass(frozen=True, slots=True)
class End:
    """One side of a pair: an interval with its count."""

    start: datetime
    share: Share
    """Of all documents collected in the interval."""
    gap: str
    campaign: str

    def to_record(self, by: Interval) -> dict[str, Any]:
        return {
            "start": start_text(self.start, by), "count": self.share.count, "all": self.share.of,
            "share": None if self.gap else self.share.to_record()["share"],
            "gap": self.gap, "campaign": self.campaign,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """The same weekday (or hour of it) of both searches; ``None`` where the shorter window is over."""

    one: End | None
    other: End | None


@dataclass(frozen=True)
class Beside:
    """Two searches in pairs of intervals."""

    wheres: tuple[Filter, Filter]
    by: Interval
    shifted_days: int
    """Days by which the second course was moved so that its weekdays stand beside those of the first."""
    voice: tuple[Share, Share]
    """Each side's documents, of those of both sides together; what is in both counts on both."""
    pairs: Sequence[Pair]
    comparable: bool = False
    """False for two windows of which one has a gap or is not over: what is missing there is no fall.

    What is missing of one and the same window is missing on both sides."""

    @property
    def change(self) -> float | None:
        """Relative change from the second side to the first; ``None`` where they are not comparable, and
        where the second has no document."""
        one, other = (share.count for share in self.voice)
        return (one - other) / other if other and self.comparable else None

    def to_record(self) -> dict[str, Any]:
        change = self.change
        return {
            "by": self.by.value,
            "shifted_days": self.shifted_days,
            "voice": [share.to_record() for share in self.voice],
            "change": None if change is None else round(change, 6),
            "pairs": [
                {
                    "one": pair.one and pair.one.to_record(self.by),
                    "other": pair.other and pair.other.to_record(self.by),
                }
                for pair in self.pairs
            ],
        }


def beside(
    home: Home,
    one: Asked,
    other: Asked | None,
    now: datetime,
    *,
    by: str = Interval.DAY,
    against: str = Against.PREVIOUS,
    store: Store | None = None,
) -> Beside:
    """*one* beside *other*, or beside itself in the period *against* where there is no other."""
    interval = Interval(one_of(by, _PAIRED, "--by"))
    period = Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        first = build_filter(home, opened, one)
        second = earlier(first, period) if other is None else build_filter(home, opened, other)
        counts = [opened.count(first), opened.count(second)]
        both = sum(counts)
        voice = (Share(counts[0], both), Share(counts[1], both))
        wholes = closed(opened, first, second)
        starting = [where.since for where in wholes if where.since and where.until]
        if len(starting) < len(wholes):
            return Beside((first, second), interval, 0, voice, ())
        shift = weekday_shift(starting[0], starting[1])
        sides = [_ends(home, opened, where, interval, now) for where in wholes]
        ends = sides
        if shift:
            ends = [sides[0], _ends(home, opened, _moved(wholes[1], timedelta(days=shift)), interval, now)]
    same = (first.since, first.until) == (second.since, second.until)
    over = all(where.until and where.until <= now for where in wholes)
    # Asked of the windows that were counted, not of a course that was moved by days.
    comparable = same or (over and all(map(_collected, sides)))
    longest = max(map(len, ends))
    columns = [[*column, *[None] * (longest - len(column))] for column in ends]
    pairs = [Pair(left, right) for left, right in zip(*columns, strict=True)]
    return Beside((first, second), interval, shift, voice, pairs, comparable)


def _collected(ends: Sequence[End]) -> bool:
    """True for a side without a gap of which anything was collected."""
    return any(end.share.of for end in ends) and not any(end.gap for end in ends)


def _moved(where: Filter, by: timedelta) -> Filter:
    assert where.since and where.until
    return replace(where, since=where.since + by, until=where.until + by)


def _ends(home: Home, store: Store, where: Filter, by: Interval, now: datetime) -> list[End]:
    assert where.since and where.until
    found = gaps.collected(home, store, where, by, now)
    counts = {bucket.start: bucket.count for bucket in store.histogram(where, by)}
    return [
        End(
            start,
            Share(counts.get(start, 0), found.all(start)),
            found.gap(start),
            campaign_of(day_of(start), day_of(start)),
        )
        for start in starts(where.since, where.until, by)
    ]
