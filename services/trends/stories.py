"""The explanation of a peak: words over-represented in it, the stories that fill it, the first publisher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fengping.clock import day_of, iso
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search import Expression, Keyword, Or
from fengping.services import events
from fengping.services.trends.campaigns import WORDS, campaign_of, campaigns
from fengping.services.trends.causes import MAIN, Cause, cause_of
from fengping.services.trends.shares import Share
from fengping.services.trends.spans import central
from fengping.services.trends.summits import AROUND, Summit
from fengping.services.trends.telling import (
    LIFT,
    Windows,
    any_of,
    holding,
    least_told,
    shared_words,
    telling_words,
    windows_of,
)
from fengping.services.trends.themes import themes
from fengping.services.trends.words import Word

_TITLES = 100
"""Documents of a story, the oldest of the peak, of which one headline names it."""
_WIDER = 1.25
"""Weight of an event's or repost group's documents: those of words are less sure to be of one matter."""
_TOLD = 3
"""Stories told of a peak."""


@dataclass(frozen=True, slots=True)
class Story:
    """An event, repost group, campaign or theme of words that fills a part of a peak."""

    kind: str
    """``event``, ``group``, ``campaign`` or ``word``."""
    id: str
    title: str
    """A headline, the campaign, or the word that its documents hold, with words that stand beside it."""
    example: str
    """The headline with most in common with its others, where words or a campaign are its title."""
    share: Share
    usual: float
    """Documents it usually has in as long a time, on the side of the peak on which it is rarer."""
    carried: float
    """Its share of what the peak has beyond the usual: its documents beyond its own usual, by the peak's."""
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
            "kind": self.kind, "id": self.id, "title": self.title, "example": self.example,
            **self.share.to_record(),
            "usual": round(self.usual, 2), "carried": round(self.carried, 4), "first": first,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak with what explains it."""

    summit: Summit
    campaign: str
    words: Sequence[Word]
    """Over-represented against the weeks around, those that fill most of it first."""
    stories: Sequence[Story]
    """The stories, those that carry most of it first; empty where nothing fills enough of it."""
    cause: Cause
    hosts: Sequence[tuple[str, int]]

    def to_record(self) -> dict[str, Any]:
        summit, cause = self.summit, self.cause
        return {
            "start": iso(summit.start), "end": iso(summit.end), "top": iso(summit.top),
            "top_count": summit.top_count, "count": summit.count, "usual": round(summit.usual, 2),
            "z": round(summit.z, 2), "campaign": self.campaign,
            "cause": cause.kind, "explanation": cause.sentence, "carried": round(cause.together, 4),
            "of_collected": {"now": cause.now.to_record(), "before": cause.before.to_record()},
            "shared": [{"word": word, "count": count} for word, count in cause.shared],
            "words": [word.to_record() for word in self.words],
            "stories": [story.to_record() for story in self.stories],
            "hosts": dict(self.hosts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A story before it is told."""

    kind: str
    value: str
    title: str
    count: int
    wanted: Expression
    usual: float
    carried: float
    weight: float
    """Documents, by how surely they are of one matter."""


def explained(home: Home, store: Store, where: Filter, summit: Summit) -> Peak:
    """*summit* of the question *where* with what fills it."""
    inside = replace(where, since=summit.start, until=summit.end)
    windows = windows_of(store, where, inside, store.count(inside))
    words = telling_words(store, windows)
    days = day_of(summit.start), day_of(summit.end - timedelta(hours=1))
    # Platforms open a campaign days before its window, as their texts then say.
    near = dict.fromkeys(one.name for one in campaigns(days[0] - AROUND, days[1] + AROUND))
    candidates = _told(store, windows, _candidates(store, windows, summit.usual, words, list(near)))
    stories = [_story(home, store, windows, one, words) for one in candidates]
    together = _carried(store, windows, summit.usual, _any([one.wanted for one in candidates])).carried
    season = campaign_of(*days)
    return Peak(
        summit,
        season,
        words,
        stories,
        _cause(store, windows, summit.usual, stories, together, season),
        store.terms(inside, "hosts", limit=3),
    )


def _cause(
    store: Store, windows: Windows, usual: float, stories: Sequence[Story], together: float, season: str
) -> Cause:
    collected = store.count(Filter(since=windows.inside.since, until=windows.inside.until))
    now, before = Share(windows.n, collected), Share(sum(windows.sizes), windows.n_every)
    rose = windows.selects and (now.value or 0) >= LIFT * (before.value or 0)
    example, shared = "", []
    if rose and together < MAIN:
        example = central(_titles(store, windows.inside), windows.asked)
        shared = shared_words(store, windows, [one.title for one in stories])
    return cause_of(stories, together, usual, now, before, season, example, shared, rose=rose)


class _Carried(NamedTuple):
    """A part of a peak, as one or several stories carry it."""

    n: int
    """Their documents in it."""
    usual: float
    """Those they usually have in as long a time, on the side of the peak on which they are rarer."""
    carried: float
    """Their documents beyond their usual, as a share of the peak's beyond its usual; from 0 to 1."""


def _carried(store: Store, windows: Windows, usual: float, wanted: Expression | None) -> _Carried:
    """The part of the peak, which usually has *usual* documents, that *wanted* carries."""
    if wanted is None:
        return _Carried(0, 0.0, 0.0)
    count = holding(store, [windows.inside], wanted)
    sides = zip(windows.sides, windows.sizes, strict=True)
    own = usual * min((holding(store, [one], wanted) / size for one, size in sides if size), default=0.0)
    beyond = (count - own) / max(1.0, windows.n - usual)
    return _Carried(count, own, min(1.0, max(0.0, beyond)))


def _any(parts: Sequence[Expression]) -> Expression | None:
    return Or(tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _candidates(
    store: Store, windows: Windows, usual: float, words: Sequence[Word], seasons: Sequence[str]
) -> list[_Candidate]:
    """Events, repost groups, campaigns of these weeks and themes that fill enough of the peak."""
    inside, least = windows.inside, least_told(windows.n)
    found: list[tuple[str, str, Expression, float, str]] = []
    for kind in ("event", "group"):
        for value, count in store.terms(inside, kind, limit=_TOLD):
            if count >= least and not (kind == "group" and _stands(store, inside, value)):
                found.append((kind, value, Keyword(kind, value), _WIDER, ""))
    found += [("campaign", name, any_of(WORDS[name]), 1.0, name) for name in seasons]
    for first, *others in themes(store, inside, [word.word for word in words]):
        wanted = any_of([first])
        headed = holding(store, [inside], any_of([first], "title")) / max(1, holding(store, [inside], wanted))
        title = f"{first}（{'、'.join(others)}）" if others else first
        found.append(("word", first, wanted, (2 + headed) / 3, title))
    candidates = []
    for kind, value, wanted, weight, title in found:
        count, own, carried = _carried(store, windows, usual, wanted)
        if count >= least and carried > 0:
            candidates.append(_Candidate(kind, value, title, count, wanted, own, carried, weight * carried))
    return candidates


def _told(store: Store, windows: Windows, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The stories to tell: of those that share half of their documents, the weightier one."""
    told: list[_Candidate] = []
    for one in sorted(candidates, key=lambda one: (-one.weight, one.kind, one.value)):
        inside = windows.inside.holding(one.wanted)
        if all(2 * holding(store, [inside], other.wanted) < min(one.count, other.count) for other in told):
            told.append(one)
    return sorted(told[:_TOLD], key=lambda one: -one.carried)


def _stands(store: Store, inside: Filter, group: str) -> bool:
    """Say whether a repost group began weeks before: a slogan or programme note, under which news changes."""
    assert inside.since
    return store.count(Filter(until=inside.since - AROUND, where={"group": (group,)})) > 0


def _story(home: Home, store: Store, windows: Windows, one: _Candidate, words: Sequence[Word]) -> Story:
    """One story with its first document: of an event or group ever, of the others within the peak."""
    inside = windows.inside
    whole = Filter() if one.kind in ("event", "group") else inside
    title = one.title or _headline(home, store, inside, one, words)
    held = inside.holding(one.wanted)
    example = central(_titles(store, held), windows.asked) if one.title else ""
    first = next(iter(store.search(whole.holding(one.wanted), limit=1, sort=Sort.OLDEST).documents), None)
    share = Share(one.count, windows.n)
    if first is None:
        return Story(one.kind, one.value, title, example, share, one.usual, one.carried, "", None, "", "")
    raw = first.raw
    return Story(
        one.kind, one.value, title or raw.title or raw.text[:40], example, share, one.usual, one.carried,
        raw.id, raw.published_at, raw.site or raw.source, raw.url,
    )  # fmt: skip


def _titles(store: Store, where: Filter) -> list[str]:
    """Headlines of the oldest documents of *where*."""
    found = store.search(where, limit=_TITLES, sort=Sort.OLDEST).documents
    return [one.raw.title for one in found if one.raw.title]


def _headline(home: Home, store: Store, inside: Filter, one: _Candidate, words: Sequence[Word]) -> str:
    """The headline, of its documents in the peak, with most of what filled it; else the event's own.

    An event goes on after a peak and is called by what became of it.
    """
    titles = _titles(store, inside.holding(one.wanted))
    weight = {title: sum(word.now.count for word in words if word.word in title) for title in titles}
    best = max(titles, key=lambda title: weight[title], default="")
    if best and (weight[best] or one.kind == "group"):
        return best
    try:
        return events.find(home, one.value).title if one.kind == "event" else ""
    except FengpingError:
        return ""  # events were made anew since the store was told
