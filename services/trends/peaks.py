"""Peaks of a course: found against what is usual at that time, and explained by what filled them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import iso, local
from fengping.home import Home
from fengping.indexer import Bucket, Filter, Interval, Sort, Store
from fengping.indexer.search import trends
from fengping.indexer.search.fields import bucket_start
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends import gaps
from fengping.services.trends.periods import bounded, interval_end
from fengping.services.trends.stories import Peak, Story, explained
from fengping.services.trends.summits import AROUND, Summit, summits_of

__all__ = ["COLUMNS", "Peak", "Peaks", "Story", "Summit", "peaks", "summits_of"]

COLUMNS = (
    "from", "documents", "usual", "z", "explanation", "story", "first publisher", "first at", "words",
    "hosts", "campaign",
)  # fmt: skip
_DAY = timedelta(days=1)
_READ = 20_000
"""Documents up to which a summit and the weeks around it are read for repetitions."""


@dataclass(frozen=True)
class Peaks:
    """Peaks of a question, in time order."""

    where: Filter
    by: Interval
    n: int
    """Documents with a date."""
    undated: int
    gaps: int
    """Intervals without collecting, which count neither as a calm nor towards what is usual."""
    repeated: int
    """Summits that only repeat what the same source told within the day before, which are no peaks."""
    left_out: int
    """Lower summits that were not looked into."""
    peaks: Sequence[Peak]
    """Those that were explained."""
    unexplained: Sequence[Summit] = ()
    """Those whose explanation would have looked through more documents than was asked for."""
    course: Sequence[tuple[datetime, int | None]] = ()
    """Documents of every interval; ``None`` where nothing was collected, or a grown list was read."""

    def rows(self) -> list[tuple[str, int, float, float, str, str, str, str, str, str, str]]:
        """A row of :data:`COLUMNS` for each peak, of its first story."""
        return [_row(peak) for peak in self.peaks]

    def to_record(self) -> dict[str, Any]:
        return {
            "by": self.by.value, "n": self.n, "undated": self.undated, "gaps": self.gaps,
            "repeated": self.repeated, "left_out": self.left_out,
            "peaks": [peak.to_record() for peak in self.peaks],
        }  # fmt: skip


def peaks(
    home: Home,
    asked: Asked,
    now: datetime,
    *,
    by: str = Interval.DAY,
    limit: int = 10,
    most: int | None = None,
    sure: datetime | None = None,
    store: Store | None = None,
) -> Peaks:
    """The *limit* highest peaks of *asked*, each with words, stories, first publisher and hosts.

    *most*: documents, the weeks around each peak, that explanations look through; the highest come first,
    and before them whatever it costs the one that begins at *sure*.
    """
    interval = Interval(one_of(by, [Interval.HOUR, Interval.DAY], "--by"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        # Of time to come nothing is known: it is neither a gap nor a calm.
        past = trends.begun(where, now, interval)
        buckets = trends.trend(opened, past, interval)
        undated = trends.undated(opened, where)
        whole = bounded(opened, past)
        if not buckets or not (whole.since and whole.until):
            return Peaks(where, interval, 0, undated, 0, 0, 0, ())
        around = _around(where, whole, now)
        collected = gaps.collected(home, opened, around, interval, now)
        wide = buckets if around == whole else trends.trend(opened, around, interval)
        course = _course(opened, wide, collected)
        first = next(at for at, (start, _) in enumerate(course) if start == buckets[0].start)
        places = range(first, first + len(buckets))
        summits = sorted(summits_of(course, interval, places), key=lambda one: (-one.z, one.start))
        highest: list[Summit] = []
        repeated = 0
        for summit in summits:
            if len(highest) == limit:
                break
            if _only_repeats(opened, where, course, summit, interval):
                repeated += 1
            else:
                highest.append(summit)
        chosen = highest if most is None else _within(most, highest, collected, sure)
        found = [explained(home, opened, where, one) for one in sorted(chosen, key=lambda one: one.start)]
    course = course[places.start : places.stop]
    silent = sum(count is None for _, count in course)
    n = sum(bucket.count for bucket in buckets)
    left_out = len(summits) - repeated - len(highest)
    rest = sorted((one for one in highest if one not in chosen), key=lambda one: one.start)
    return Peaks(where, interval, n, undated, silent, repeated, left_out, found, rest, course)


def _around(where: Filter, whole: Filter, now: datetime) -> Filter:
    """*whole* with the weeks beside the ends that were given: a peak is one wherever the window is cut."""
    assert whole.since and whole.until
    since = whole.since - AROUND if where.since else whole.since
    # Of days to come nothing is known.
    until = min(whole.until + AROUND, now) if where.until and whole.until < now else whole.until
    return replace(whole, since=since, until=until)


def _within(
    most: int, highest: Sequence[Summit], collected: gaps.Collected, sure: datetime | None
) -> list[Summit]:
    """Those of *highest* around which *most* documents lie together, and the one that begins at *sure*."""
    found: list[Summit] = []
    for one in sorted(highest, key=lambda one: one.start != sure):
        around = one.start - AROUND, one.end + AROUND
        most -= sum(count for at, count in collected.counts.items() if around[0] <= at < around[1])
        if most >= 0 or one.start == sure:
            found.append(one)
    return found


def _row(peak: Peak) -> tuple[str, int, float, float, str, str, str, str, str, str, str]:
    summit = peak.summit
    story: Story | None = next(iter(peak.stories), None)
    return (
        (iso(summit.start) or "")[:16].removesuffix("T00:00"),
        summit.count,
        round(summit.usual, 1),
        round(summit.z, 1),
        peak.cause.sentence,
        story.title if story else "",
        story.first_publisher if story else "",
        (iso(story.first_at) or "")[:16] if story else "",
        "、".join(word.word for word in peak.words[:5]),
        "、".join(f"{name} {count:,}" for name, count in peak.hosts),
        peak.campaign,
    )


def _course(
    store: Store, buckets: Sequence[Bucket], collected: gaps.Collected
) -> list[tuple[datetime, int | None]]:
    """Counts with ``None`` for gaps, and for hours in which a list was read that had grown for longer.

    These are the first hour ever collected and the first after a gap: what is dated by when it was seen is
    all of that hour. Documents of which only the day is known all lie at midnight and tell of no hour.
    """
    if collected.by is Interval.HOUR and not any(one.count and local(one.start).hour for one in buckets):
        return [(bucket.start, None) for bucket in buckets]
    oldest = next(iter(store.search(Filter(), limit=1, sort=Sort.OLDEST).documents), None)
    began = oldest.raw.published_at if oldest else None
    course: list[tuple[datetime, int | None]] = []
    caught_up = True
    for bucket in buckets:
        known = not collected.gap(bucket.start)
        if collected.by is Interval.HOUR:
            first = began is not None and bucket.start <= began < interval_end(bucket.start, collected.by)
            known, caught_up = known and caught_up and not first, known
        course.append((bucket.start, bucket.count if known else None))
    return course


def _only_repeats(
    store: Store, where: Filter, course: Sequence[tuple[datetime, int | None]], summit: Summit, by: Interval
) -> bool:
    """Say whether nothing stands out once documents are left away that their source had told before.

    Lists of hot topics begin anew at midnight, and a topic that stays becomes a document of the new day.
    """
    asked = replace(where, since=summit.start - AROUND - _DAY, until=summit.end + AROUND)
    step = interval_end(summit.start, by) - summit.start
    places = range(max(0, summit.first - AROUND // step), summit.last + 1 + AROUND // step)
    lowered = {course[at][0]: course[at][1] for at in places if at < len(course)}
    if sum(count or 0 for count in lowered.values()) > _READ or store.count(asked) > _READ:
        return False
    own = replace(where, since=summit.start - _DAY, until=summit.end)
    if all(at < summit.start for at in _repeated(store, own)):
        return False
    for at in _repeated(store, asked):
        start = bucket_start(at, by)
        count = lowered.get(start)
        if count is not None:
            lowered[start] = count - 1
    again = [(start, lowered.get(start, count)) for start, count in course]
    return not summits_of(again, by, range(summit.first, summit.last + 1))


def _repeated(store: Store, asked: Filter) -> Iterator[datetime]:
    """Times of documents whose words their source had told within the day before."""
    rows = store.columns(asked, ["published_at", "source", "site", "title", "text"])
    told: dict[tuple[str, ...], datetime] = {}
    for at, source, site, title, text in sorted(rows, key=lambda row: row[0]):
        key = (source, site, title or text)
        if key in told and told[key] < at <= told[key] + _DAY:
            yield at
        told[key] = at
