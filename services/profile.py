"""A host over a window: what is said of it, how it stands among all, and the days of its course."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fengping.clock import day_of, day_start
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search import Keyword
from fengping.indexer.search.trends import Tones, by_polarity
from fengping.models import Polarity
from fengping.services.trends.periods import Against, earlier

_FIRST = Keyword("first_in_group", "true")
"""Condition by which a text that was posted or listed again counts once."""

_NEGATIVE: dict[str, tuple[str, ...]] = {"polarity": (Polarity.NEG.value,)}


@dataclass(frozen=True, slots=True)
class Counted:
    """One host among all: documents that name it, negative ones, and those that accuse it."""

    name: str
    total: int
    negative: int
    accused: int

    @property
    def share(self) -> float | None:
        return self.negative / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything counted of one host in a window."""

    counted: Counted
    before: Counted | None
    """The same as many whole weeks earlier as the window is long; none where nothing was collected then."""
    year: Counted | None
    """The same 52 weeks earlier, on the same weekdays."""
    since: datetime
    until: datetime
    days: tuple[tuple[datetime, Tones], ...]
    """A day, and its documents by polarity."""
    issues: tuple[tuple[str, int, float], ...]
    """Class, negatives of this host, and the share that class has among the negatives of all."""
    platforms: tuple[tuple[str, int, int], ...]
    """Platform, documents, negatives."""
    words: tuple[tuple[str, int], ...]
    """Content words of its negatives."""
    apart: int
    """Documents that accuse it, each text once: those that are first of their repost group."""


def profile(
    store: Store, name: str, until: datetime, days: int, *, platforms: int = 8, words: int = 30
) -> Profile:
    """The host called *name* over *days* days that end with *until*, with so many *platforms* and *words*."""
    stop = day_start(day_of(until)) + timedelta(days=1)
    start = stop - timedelta(days=days)
    mine = Filter(since=start, until=stop, where={"hosts": (name,)})
    own = {**_NEGATIVE, "negative_hosts": (name,)}
    accusing = Filter(since=start, until=stop, where=own)
    everyone = Filter(since=start, until=stop, where=_NEGATIVE)
    all_negative = store.count(everyone) or 1
    of_all = dict(store.terms(everyone, "issues", limit=20))
    issues = store.terms(accusing, "issues", limit=14)
    negative_by_platform = dict(
        store.terms(
            Filter(since=start, until=stop, where={**mine.where, **_NEGATIVE}),
            "platforms",
            limit=max(1000, platforms),
        )
    )
    all_by_platform = store.terms(mine, "platforms", limit=platforms)
    return Profile(
        _count(store, name, start, stop),
        _earlier(store, name, start, stop, Against.PREVIOUS),
        _earlier(store, name, start, stop, Against.YEAR),
        start,
        stop,
        tuple(by_polarity(store, mine, Interval.DAY)),
        tuple((code, count, of_all.get(code, 0) / all_negative) for code, count in issues),
        tuple((p, n, negative_by_platform.get(p, 0)) for p, n in all_by_platform),
        tuple(store.terms(accusing, "keywords", limit=words)),
        store.count(replace(accusing, text=_FIRST)),
    )


def _earlier(store: Store, name: str, since: datetime, until: datetime, against: Against) -> Counted | None:
    then = earlier(Filter(since=since, until=until), against)
    assert then.since and then.until
    return _count(store, name, then.since, then.until) if store.count(then) else None


def _count(store: Store, name: str, since: datetime, until: datetime) -> Counted:
    def count(**where: tuple[str, ...]) -> int:
        return store.count(Filter(since=since, until=until, where=where))

    return Counted(
        name,
        count(hosts=(name,)),
        count(hosts=(name,), **_NEGATIVE),
        count(negative_hosts=(name,), **_NEGATIVE),
    )
