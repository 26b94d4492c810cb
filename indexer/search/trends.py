"""Counts over time without gaps, and two searches side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fengping.errors import UsageError
from fengping.indexer.search.fields import HOURS, bucket_start, bucket_starts
from fengping.indexer.search.people import listable
from fengping.indexer.search.protocol import Bucket, Filter, Interval, Store
from fengping.indexer.search.query.tree import And
from fengping.models import Polarity

MAX_BUCKETS = 200_000
Tones = tuple[int, int, int, int]
"""Negative, neutral and positive documents, and those that are not judged: texts in another language."""


def trend(store: Store, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
    """One bucket for every interval of the window and every value of *split*, zeros included.

    An open end of the window is the first or last document found. In time order; values of *split* by
    their total, the largest first (of the polarity always all three), without private people. Raises
    :class:`UsageError` for a window of more buckets than anyone reads.
    """
    found = store.histogram(where, by, split=split)
    if split is not None:
        may_list = listable(store, where, split)
        found = [bucket for bucket in found if may_list(bucket.split or "")]
    starts = _starts(where, by, [bucket.start for bucket in found])
    totals: Counter[str | None] = Counter()
    for bucket in found:
        totals[bucket.split] += bucket.count
    values = sorted(totals, key=lambda value: (-totals[value], value or ""))
    if split is None:
        values = [None]
    elif split == "polarity":
        values = sorted((polarity.value for polarity in Polarity), key=lambda value: -totals[value])
    _check_size(len(starts) * len(values))
    counts = {(bucket.start, bucket.split): bucket.count for bucket in found}
    return [Bucket(start, counts.get((start, value), 0), value) for start in starts for value in values]


def by_polarity(
    store: Store, where: Filter, by: Interval, course: Sequence[Bucket] | None = None
) -> list[tuple[datetime, Tones]]:
    """The documents of every interval of the window by polarity; *course*: its :func:`trend`, where known."""
    found = store.histogram(where, by, split="polarity")
    counts = {(bucket.start, bucket.split): bucket.count for bucket in found}
    rows: list[tuple[datetime, Tones]] = []
    for bucket in trend(store, where, by) if course is None else course:
        negative, neutral, positive = (
            counts.get((bucket.start, tone.value), 0) for tone in (Polarity.NEG, Polarity.NEU, Polarity.POS)
        )
        rest = max(0, bucket.count - negative - neutral - positive)
        rows.append((bucket.start, (negative, neutral, positive, rest)))
    return rows


def _starts(where: Filter, by: Interval, found: list[datetime]) -> list[datetime]:
    first = where.since or min(found, default=None)
    last = where.until or max(found, default=None)
    if first is None or last is None:
        return []
    _check_size((last - first) // timedelta(hours=HOURS[by]))
    # The last document found lies in the bucket that begins there, an end that was given before it.
    return bucket_starts(first, last if where.until else last + timedelta(seconds=1), by)


def _check_size(buckets: int) -> None:
    if buckets > MAX_BUCKETS:
        raise UsageError(
            f"The trend would have {buckets:,} buckets.",
            remedy="Narrow --since and --until, or count by wider intervals.",
        )


def undated(store: Store, where: Filter) -> int:
    """Documents that match but for having no publication time, which are in no window and no bucket."""
    return store.count(replace(where, since=None, until=None, undated=True))


@dataclass(frozen=True, slots=True)
class Side:
    """One of two searches that are compared."""

    documents: int
    all: int
    """Documents of the same window whatever they say: what :attr:`share` is a share of."""
    negative: int
    dated: int
    """Documents with a publication time."""
    days: int
    """Chinese calendar days of the window that have begun."""
    peak: Bucket | None
    """The day with most documents, the earliest of several."""
    hosts: list[tuple[str, int]]
    issues: list[tuple[str, int]]
    spread: float = 1.0
    """Variance over mean of the daily counts, one at least: days that vary make a change less sure."""

    @property
    def share(self) -> float | None:
        return self.documents / self.all if self.all else None

    @property
    def negative_share(self) -> float | None:
        return self.negative / self.documents if self.documents else None

    @property
    def daily_mean(self) -> float | None:
        return self.dated / self.days if self.days else None


def begun(where: Filter, now: datetime, by: Interval = Interval.DAY) -> Filter:
    """*where* without the days, or hours, that are still to come."""
    end = bucket_start(now, by) + timedelta(hours=HOURS[by])
    if where.until is None or where.until <= end:
        return where
    return replace(where, until=max(end, where.since or end))


def sides(store: Store, one: Filter, other: Filter, now: datetime) -> tuple[Side, Side]:
    """Count both of two searches that are compared.

    An end of the window that neither names is the first or last document that either of them finds. Days
    that are still to come are none with nothing.
    """
    days = [trend(store, begun(where, now), Interval.DAY) for where in (one, other)]
    if (one.since, one.until) == (other.since, other.until) and all(days):
        first = min(course[0].start for course in days)
        last = max(course[-1].start for course in days)
        spans = [(last - first).days + 1] * 2
    else:
        spans = [len(course) for course in days]
    return _side(store, one, days[0], spans[0]), _side(store, other, days[1], spans[1])


def _side(store: Store, where: Filter, days: list[Bucket], span: int) -> Side:
    return Side(
        documents=store.count(where),
        all=store.count(Filter(since=where.since, until=where.until)),
        negative=store.count(replace(where, where={**where.where, "polarity": (Polarity.NEG.value,)})),
        dated=sum(bucket.count for bucket in days),
        days=span,
        peak=max(days, key=lambda bucket: (bucket.count, -bucket.start.timestamp()), default=None),
        hosts=store.terms(where, "hosts", limit=5),
        issues=store.terms(where, "issues", limit=100),
        spread=spread([bucket.count for bucket in days], span),
    )


def spread(counts: Sequence[int], days: int) -> float:
    """Variance over mean of the daily counts of *days*, one at least; days that *counts* lacks had none."""
    mean = sum(counts) / days if days else 0.0
    squares = sum((count - mean) ** 2 for count in counts) + (days - len(counts)) * mean**2
    return max(1.0, squares / days / mean) if mean else 1.0


def overlap(store: Store, one: Filter, other: Filter) -> int | None:
    """Documents in both searches; ``None`` where they ask of different documents (windows, filters)."""
    if replace(one, text=None) != replace(other, text=None):
        return None
    parts = tuple(text for text in (one.text, other.text) if text is not None)
    return store.count(replace(one, text=And(parts) if len(parts) == 2 else next(iter(parts), None)))
