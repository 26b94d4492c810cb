"""Rising words, and rising names that no registry knows: one window against the window before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import log, sqrt
from typing import Any

from fengping.analysis import Lexicon
from fengping.analysis.hosts import discover as discovery
from fengping.clock import day_of
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search.people import unlisted
from fengping.services.hosts import load_registry
from fengping.services.search import Asked, build_filter, one_of
from fengping.services.stores import the_store
from fengping.services.trends.periods import Against, earlier
from fengping.services.trends.shares import Share

_COUNTED = 20_000
"""Words counted in each window, the most frequent first."""
_SURE = 2.58
"""Standard errors by which a word's share must rise, chance in one of a hundred."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word in both windows, counted in documents that contain it."""

    word: str
    now: Share
    before: Share
    z: float
    """Rise of its share in standard errors."""

    @property
    def times(self) -> float | None:
        """Its share now as a multiple of its share before; ``None`` for a new word."""
        return self.now.value / self.before.value if self.now.value and self.before.value else None

    def to_record(self) -> dict[str, Any]:
        times = self.times
        return {
            "word": self.word, "now": self.now.to_record(), "before": self.before.to_record(),
            "times": None if times is None else round(times, 3), "z": round(self.z, 3),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A name beside words of selling that no registry knows."""

    name: str
    now: int
    before: int
    first_seen: date | None
    beside: Sequence[str]
    sample: str
    """The beginning of a text that names it."""

    def to_record(self) -> dict[str, Any]:
        first = self.first_seen
        return {
            "name": self.name, "now": self.now, "before": self.before,
            "first_seen": None if first is None else first.isoformat(),
            "beside": list(self.beside), "sample": self.sample,
        }  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Rising words and names of a window."""

    where: Filter
    against: Filter
    n: int
    n_before: int
    words: Sequence[Word]
    names: Sequence[Name]
    words_left_out: int = 0
    """Further words that rose, beyond those that were asked for."""
    names_left_out: int = 0

    def to_record(self) -> dict[str, Any]:
        return {
            "n": self.n, "n_before": self.n_before,
            "words": [one.to_record() for one in self.words],
            "names": [one.to_record() for one in self.names],
        }  # fmt: skip


def rising(
    home: Home,
    asked: Asked,
    *,
    against: str = Against.PREVIOUS,
    limit: int = 20,
    at_least: int = 3,
    names: bool = True,
    store: Store | None = None,
) -> Words:
    """Words whose share of the documents *asked* for rose by more than chance, the surest first.

    With *names*, also names that rise and that no registry knows: these need the texts of both windows.
    """
    period = Against(one_of(against, list(Against), "--against"))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        before = earlier(where, period)
        n, n_before = opened.count(where), opened.count(before)
        words = compared(
            dict(opened.terms(where, "keywords", limit=_COUNTED)), n,
            dict(opened.terms(before, "keywords", limit=_COUNTED)), n_before, at_least=at_least,
        )  # fmt: skip
        found = _names(home, opened, where, before, at_least) if names else []
    beyond = max(0, len(words) - limit), max(0, len(found) - limit)
    return Words(where, before, n, n_before, words[:limit], found[:limit], *beyond)


def compared(
    now: dict[str, int], n: int, before: dict[str, int], n_before: int, *, at_least: int
) -> list[Word]:
    """Words of *now* that stand in a larger share of documents than before, by more than chance."""
    found = []
    for word, count in now.items():
        earlier_count = before.get(word, 0)
        z = rise(count, n, earlier_count, n_before)
        if count >= at_least and z >= _SURE:
            found.append(Word(word, Share(count, n), Share(earlier_count, n_before), z))
    return sorted(found, key=lambda one: (-one.z, one.word))


def rise(count: int, n: int, before: int, n_before: int) -> float:
    """The signed root of the likelihood ratio of two shares (Dunning's G²): standard errors of a rise."""
    if not n or not n_before:
        return 0.0
    whole = (count + before) / (n + n_before)
    if not 0 < whole < 1:
        return 0.0
    cells = (
        (count, n * whole), (n - count, n * (1 - whole)),
        (before, n_before * whole), (n_before - before, n_before * (1 - whole)),
    )  # fmt: skip
    g = 2 * sum(seen * log(seen / expected) for seen, expected in cells if seen > 0)
    return sqrt(max(0.0, g)) * (1 if count / n > before / n_before else -1)


def _names(home: Home, store: Store, where: Filter, before: Filter, at_least: int) -> list[Name]:
    assert where.since is not None
    both = replace(where, since=before.since)
    found = discovery.discover(
        _texts(store, both, (where.since, before.until)),
        Lexicon(load_registry(home)),
        since=day_of(where.since),
        at_least=at_least,
    )
    private = unlisted(store, both, (one.name for one in found))
    return [
        Name(
            one.name,
            one.recent,
            one.documents - one.recent,
            one.first_seen,
            [word for word, _ in one.beside.most_common(3)],
            next(iter(one.samples), ""),
        )
        for one in found
        if one.recent >= at_least and one.recent > one.documents - one.recent and one.name not in private
    ]


def _texts(
    store: Store, where: Filter, middle: tuple[datetime, datetime | None]
) -> Iterator[tuple[str, date | None]]:
    """Texts of both windows with their days; what lies between the two is left out."""
    since, end = middle
    for title, text, at in store.columns(where, ["title", "text", "published_at"]):
        if at is not None and (at >= since or end is None or at < end):
            content = text if not title or text.startswith(title) else f"{title}\n{text}"
            yield content, day_of(at)
