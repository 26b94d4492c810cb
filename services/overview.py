"""A day against the usual of the same weekday: totals, hours, hosts in trouble, their complaint classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median, quantiles

from fengping.clock import USUAL_DAYS, day_of, day_start
from fengping.home import Home
from fengping.indexer import Filter, Interval, Sort, Store
from fengping.models import Polarity
from fengping.services.trends.gaps import empty_places, runs_until

WEEKS = 8
"""Same weekdays before, of which the usual is the median."""
TROUBLE_RATIO, TROUBLE_LEAST = 2.0, 3
"""A host is in trouble above this many times the usual, and with at least so many negatives."""
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
Window = tuple[datetime, datetime]
_NEGATIVE: dict[str, tuple[str, ...]] = {"polarity": (Polarity.NEG.value,)}


@dataclass(frozen=True, slots=True)
class Measured:
    """A count beside the median of the same weekdays up to the same hour."""

    count: int
    usual: float | None
    """``None`` where nothing is stored of the weeks before."""

    @property
    def change(self) -> float | None:
        return self.count / self.usual - 1 if self.usual else None


@dataclass(frozen=True, slots=True)
class HostDay:
    """A host accused today, with what is usual for it."""

    name: str
    negative: int
    usual: float | None
    """``None`` where nothing was collected on these weekdays before."""
    total: int
    """Documents that name it, whatever they say."""
    course: tuple[int, ...]
    """Negatives of each of the last :data:`USUAL_DAYS`."""
    issues: tuple[tuple[str, int], ...]

    @property
    def ratio(self) -> float | None:
        return self.negative / self.usual if self.usual else None


@dataclass(frozen=True, slots=True)
class Overview:
    """One day up to a moment."""

    day: date
    since: datetime
    until: datetime
    total: Measured
    negative: Measured
    hours: tuple[int | None, ...]
    """Negatives an hour; ``None`` for hours to come."""
    gaps: tuple[int, ...]
    """Hours in which nothing was collected."""
    usual_hours: tuple[float, ...]
    band: tuple[tuple[float, ...], tuple[float, ...]]
    """Between which half of the same weekdays lie."""
    hosts: tuple[HostDay, ...]
    troubled: int
    """Hosts in trouble, also those that *hosts* leaves out."""
    watched: int
    """Hosts accused at all that day."""
    weeks: int
    """Same weekdays before on which was collected: what the usual rests on."""
    left_out: int
    """Same weekdays since the first document on which nothing was collected."""


def newest_day(store: Store, where: Filter) -> date | None:
    """The last day of which anything of *where* is stored."""
    found = store.search(where, limit=1, sort=Sort.NEWEST).documents
    moment = found[0].raw.published_at if found else None
    return day_of(moment) if moment else None


def overview(home: Home, store: Store, day: date, now: datetime, *, hosts: int = 8) -> Overview:
    """*day* up to *now*, or the whole of it where it is over."""
    since = day_start(day)
    until = max(since, min(now, since + _DAY))
    by_hour = _hours(store, since - 7 * WEEKS * _DAY, since + _DAY)
    course = [since + hour * _HOUR for hour in range(24)]
    hours = [by_hour.get(start, 0) if start < until else None for start in course]
    counts = _counts(store, since, until)
    # Most days need no look at the runs: whatever holds a document was collected.
    runs = runs_until(home, since) if 0 in hours or 0 in counts.values() else {}
    weeks = [week for week, count in counts.items() if count or _collected(store, runs, *week)]
    before = [[by_hour.get(start + hour * _HOUR, 0) for hour in range(24)] for start, _ in weeks]
    return Overview(
        day,
        since,
        until,
        _measured(store.count(Filter(since=since, until=until)), [counts[week] for week in weeks]),
        _measured(*_negatives(store, since, until, weeks)),
        tuple(hours),
        tuple(empty_places(store, runs, course, Interval.HOUR, until)) if 0 in hours else (),
        tuple(median(column) for column in zip(*before, strict=True)),
        _band(before),
        *_hosts(store, since, until, weeks, hosts),
        len(weeks),
        len(counts) - len(weeks),
    )


def _counts(store: Store, since: datetime, until: datetime) -> dict[Window, int]:
    """Documents of the same weekdays before, up to the same hour, since there are any; the latest first."""
    oldest = store.search(Filter(since=since - 7 * WEEKS * _DAY, until=since), limit=1, sort=Sort.OLDEST)
    known = oldest.documents[0].raw.published_at if oldest.documents else None
    weeks = [(since - 7 * n * _DAY, until - 7 * n * _DAY) for n in range(1, WEEKS + 1)]
    return {
        (start, stop): store.count(Filter(since=start, until=stop))
        for start, stop in weeks
        if known and stop > known
    }


def _collected(store: Store, runs: Mapping[date, bool], start: datetime, stop: datetime) -> bool:
    """True for a day without a document up to *stop* on which a run finished, or that has some later."""
    return runs.get(day_of(start), False) or store.count(Filter(since=stop, until=start + _DAY)) > 0


def _negatives(
    store: Store, since: datetime, until: datetime, weeks: Sequence[Window]
) -> tuple[int, list[int]]:
    """Negatives of the day, and of each of *weeks*."""
    own, *before = (
        store.count(Filter(since=start, until=stop, where=_NEGATIVE))
        for start, stop in [(since, until), *weeks]
    )
    return own, before


def _measured(count: int, before: Sequence[int]) -> Measured:
    return Measured(count, median(before) if before else None)


def _hours(store: Store, since: datetime, until: datetime) -> dict[datetime, int]:
    found = store.histogram(Filter(since=since, until=until, where=_NEGATIVE), Interval.HOUR)
    return {bucket.start: bucket.count for bucket in found}


def _band(before: Sequence[Sequence[int]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if len(before) < 2:
        return (), ()
    parts = [quantiles(column, n=4, method="inclusive") for column in zip(*before, strict=True)]
    return tuple(part[0] for part in parts), tuple(part[2] for part in parts)


def _hosts(
    store: Store, since: datetime, until: datetime, weeks: Sequence[Window], limit: int
) -> tuple[tuple[HostDay, ...], int, int]:
    def accused(start: datetime, stop: datetime) -> dict[str, int]:
        return dict(store.terms(Filter(since=start, until=stop, where=_NEGATIVE), "negative_hosts"))

    today = accused(since, until)
    before = [accused(start, stop) for start, stop in weeks]
    usual = {name: median([week.get(name, 0) for week in before]) if before else None for name in today}
    troubled = [
        name
        for name, count in today.items()
        if count >= TROUBLE_LEAST and count > TROUBLE_RATIO * (usual[name] or 0)
    ]
    names = sorted(troubled, key=lambda name: (-today[name], name))[:limit]
    if not names:
        return (), 0, len(today)
    days = [since - back * _DAY for back in range(USUAL_DAYS - 1, -1, -1)]
    where = {**_NEGATIVE, "negative_hosts": tuple(names)}
    courses = store.histogram(
        Filter(since=days[0], until=until, where=where), Interval.DAY, split="negative_hosts"
    )
    counts = {(bucket.split, bucket.start): bucket.count for bucket in courses}
    rows = []
    for name in names:
        own = {**_NEGATIVE, "negative_hosts": (name,)}
        issues = store.terms(Filter(since=since, until=until, where=own), "issues", limit=14)
        total = store.count(Filter(since=since, until=until, where={"hosts": (name,)}))
        course = tuple(counts.get((name, day), 0) for day in days)
        rows.append(HostDay(name, today[name], usual[name], total, course, tuple(issues)))
    return tuple(rows), len(troubled), len(today)
