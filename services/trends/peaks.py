"""Peaks of a course: found against what is usual at that time, and explained by what filled them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from fengping.clock import day_of, iso
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, Interval, Sort, Store
from fengping.indexer.search import trends
from fengping.services import events
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends import gaps
from fengping.services.trends.campaigns import campaign_of
from fengping.services.trends.crosstab import narrowed
from fengping.services.trends.periods import bounded, interval_end
from fengping.services.trends.shares import Share
from fengping.services.trends.words import Word, compared

AROUND = timedelta(days=14)
"""Time before and after a peak by which the usual is measured."""
_HEIGHT = 1.5
_SURE = 3.0
_LEAST = 5
"""Documents under which nothing is a peak."""
_WORDS = 8
_COUNTED = 5_000
_STORY = 0.1
"""Share of a peak from which an event or repost group explains it."""


@dataclass(frozen=True, slots=True)
class Summit:
    """A run of intervals with more documents than usual."""

    start: datetime
    end: datetime
    top: datetime
    top_count: int
    count: int
    usual: float
    """Documents expected in these intervals."""
    z: float
    """Height of the top over the usual, in its spread."""


@dataclass(frozen=True, slots=True)
class Story:
    """An event, repost group or word that fills a part of a peak."""

    kind: str
    """``event``, ``group`` or ``word``."""
    id: str
    title: str
    share: Share
    first_id: str
    first_at: datetime | None
    first_publisher: str
    first_url: str

    def to_record(self) -> dict[str, Any]:
        first = {
            "id": self.first_id, "at": iso(self.first_at), "publisher": self.first_publisher,
            "url": self.first_url,
        }  # fmt: skip
        return {
            "kind": self.kind, "id": self.id, "title": self.title, **self.share.to_record(), "first": first
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak with what explains it."""

    summit: Summit
    campaign: str
    words: Sequence[Word]
    """Over-represented against the weeks around."""
    stories: Sequence[Story]
    """The largest first; empty where nothing fills a tenth of it."""
    hosts: Sequence[tuple[str, int]]

    def to_record(self) -> dict[str, Any]:
        summit = self.summit
        return {
            "start": iso(summit.start), "end": iso(summit.end), "top": iso(summit.top),
            "top_count": summit.top_count, "count": summit.count, "usual": round(summit.usual, 2),
            "z": round(summit.z, 2), "campaign": self.campaign,
            "words": [word.to_record() for word in self.words],
            "stories": [story.to_record() for story in self.stories],
            "hosts": dict(self.hosts),
        }  # fmt: skip


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
    left_out: int
    """Lower peaks that were not explained."""
    peaks: Sequence[Peak]

    def to_record(self) -> dict[str, Any]:
        return {
            "by": self.by.value, "n": self.n, "undated": self.undated, "gaps": self.gaps,
            "left_out": self.left_out, "peaks": [peak.to_record() for peak in self.peaks],
        }  # fmt: skip


def peaks(
    home: Home,
    asked: Asked,
    now: datetime,
    *,
    by: str = Interval.DAY,
    limit: int = 10,
    store: Store | None = None,
) -> Peaks:
    """The *limit* highest peaks of *asked*, each with words, stories, first publisher and hosts."""
    interval = Interval(one_of(by, [Interval.HOUR, Interval.DAY], "--by"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        buckets = trends.trend(opened, where, interval)
        undated = trends.undated(opened, where)
        whole = bounded(opened, where)
        if not buckets or not (whole.since and whole.until):
            return Peaks(where, interval, 0, undated, 0, 0, ())
        found = gaps.collected(home, opened, whole, interval, now)
        course = [(one.start, None if found.gap(one.start) else one.count) for one in buckets]
        summits = summits_of(course, interval)
        highest = sorted(summits, key=lambda one: (-one.z, one.start))[:limit]
        explained = [
            _explained(home, opened, where, summit) for summit in sorted(highest, key=lambda s: s.start)
        ]
    silent = sum(count is None for _, count in course)
    n = sum(count or 0 for _, count in course)
    return Peaks(where, interval, n, undated, silent, len(summits) - len(highest), explained)


def summits_of(course: Sequence[tuple[datetime, int | None]], by: Interval) -> list[Summit]:
    """Runs of intervals that stand out of the two weeks before and after; ``None`` is a gap.

    Usual is the median of the intervals around (of the same hour of the day, for hours), a height counts in
    its spread: Poisson's, or the one seen where that is wider.
    """
    step = 24 if by is Interval.HOUR else 1
    reach = AROUND.days
    heights: list[tuple[float, float] | None] = []
    for at, (_, count) in enumerate(course):
        places = [at + step * n for n in range(-reach, reach + 1) if abs(n) > 1]
        around = [course[p][1] for p in places if 0 <= p < len(course)]
        known = [one for one in around if one is not None]
        if count is None or count < _LEAST or len(known) < 3:
            heights.append(None)
            continue
        usual = statistics.median(known)
        spread = max(sqrt(max(usual, 1.0)), 1.4826 * statistics.median(abs(one - usual) for one in known))
        high = count >= _HEIGHT * usual and (count - usual) / spread >= _SURE
        heights.append((usual, (count - usual) / spread) if high else None)
    return _runs(course, heights, by)


def _runs(
    course: Sequence[tuple[datetime, int | None]],
    heights: Sequence[tuple[float, float] | None],
    by: Interval,
) -> list[Summit]:
    found: list[Summit] = []
    run: list[int] = []
    for at in range(len(course) + 1):
        if at < len(course) and heights[at] is not None:
            run.append(at)
        elif run:
            known = [(p, *course[p], *height) for p in run if (height := heights[p])]
            top = max(known, key=lambda one: (one[2] or 0, -one[0]))
            found.append(
                Summit(
                    course[run[0]][0],
                    interval_end(course[run[-1]][0], by),
                    top[1],
                    top[2] or 0,
                    sum(one[2] or 0 for one in known),
                    sum(one[3] for one in known),
                    top[4],
                )
            )
            run = []
    return found


def _explained(home: Home, store: Store, where: Filter, summit: Summit) -> Peak:
    inside = replace(where, since=summit.start, until=summit.end)
    around = [
        replace(where, since=_later(where.since, summit.start - AROUND), until=summit.start),
        replace(where, since=summit.end, until=_sooner(where.until, summit.end + AROUND)),
    ]
    around = [one for one in around if one.since and one.until and one.since < one.until]
    n = store.count(inside)
    before: dict[str, int] = {}
    for one in around:
        for word, count in store.terms(one, "keywords", limit=_COUNTED):
            before[word] = before.get(word, 0) + count
    n_before = sum(store.count(one) for one in around)
    words = compared(dict(store.terms(inside, "keywords", limit=_COUNTED)), n, before, n_before, at_least=3)[
        :_WORDS
    ]
    return Peak(
        summit,
        campaign_of(day_of(summit.start), day_of(summit.end - timedelta(hours=1))),
        words,
        _stories(home, store, inside, n, words),
        store.terms(inside, "hosts", limit=3),
    )


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _sooner(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _stories(home: Home, store: Store, inside: Filter, n: int, words: Sequence[Word]) -> list[Story]:
    """Events that fill a tenth of the peak; else repost groups; else the surest word."""
    for kind in ("event", "group"):
        large = [
            (value, count)
            for value, count in store.terms(inside, kind, limit=3)
            if count >= 2 and count >= _STORY * n
        ]
        if large:
            return [_story(home, store, inside, n, kind, value, count) for value, count in large]
    if not words:
        return []
    best = words[0]
    return [_story(home, store, inside, n, "word", best.word, best.now.count)]


def _story(home: Home, store: Store, inside: Filter, n: int, kind: str, value: str, count: int) -> Story:
    """One story with its first document: of an event or group ever, of a word within the peak."""
    field = "keywords" if kind == "word" else kind
    wide = inside if kind == "word" else Filter()
    documents = store.search(narrowed(wide, field, value), limit=1, sort=Sort.OLDEST).documents
    first = next(iter(documents), None)
    title = value if kind == "word" else ""
    if kind == "event":
        title = _event_title(home, value)
    if first is None:
        return Story(kind, value, title, Share(count, n), "", None, "", "")
    raw = first.raw
    return Story(
        kind, value, title or raw.title or raw.text[:40], Share(count, n),
        raw.id, raw.published_at, raw.site or raw.source, raw.url,
    )  # fmt: skip


def _event_title(home: Home, id: str) -> str:
    """The event's title; empty where events were made anew since the store was told."""
    try:
        return events.find(home, id).title
    except FengpingError:
        return ""
