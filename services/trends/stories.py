"""The explanation of a peak: words over-represented in it, the stories that fill it, the first publisher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fengping.clock import day_of, iso
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.services import events
from fengping.services.trends.campaigns import WORDS, campaign_of, campaigns
from fengping.services.trends.crosstab import narrowed
from fengping.services.trends.shares import Share
from fengping.services.trends.summits import AROUND, Summit
from fengping.services.trends.telling import STORY, holding, telling_words, with_words
from fengping.services.trends.words import Word

_TITLES = 100
"""Documents of an event, the oldest of the peak, of which one headline names it."""
_WIDER = 1.5
"""Multiple of the largest story's documents from which a word explains more than it."""


@dataclass(frozen=True, slots=True)
class Story:
    """An event, repost group, campaign or word that fills a part of a peak."""

    kind: str
    """``event``, ``group``, ``campaign`` or ``word``."""
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
    """Over-represented against the weeks around, those that fill most of it first."""
    stories: Sequence[Story]
    """The stories, those that fill most of it first; empty where nothing fills 15 % of it."""
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


def explained(home: Home, store: Store, where: Filter, summit: Summit) -> Peak:
    """*summit* of the question *where* with what fills it."""
    inside = replace(where, since=summit.start, until=summit.end)
    n = store.count(inside)
    words = telling_words(store, where, inside, n)
    days = day_of(summit.start), day_of(summit.end - timedelta(hours=1))
    # Platforms open a campaign days before its window, as their texts then say.
    near = dict.fromkeys(one.name for one in campaigns(days[0] - AROUND, days[1] + AROUND))
    return Peak(
        summit,
        campaign_of(*days),
        words,
        _stories(home, store, inside, n, words, list(near)),
        store.terms(inside, "hosts", limit=3),
    )


def _stories(
    home: Home, store: Store, inside: Filter, n: int, words: Sequence[Word], seasons: Sequence[str]
) -> list[Story]:
    """Events that fill 15 % of the peak, else repost groups; before them what fills more of it.

    That is a campaign of these weeks that the documents name, or a word.
    """
    large: list[tuple[str, str, int]] = []
    for kind in ("event", "group"):
        large = large or [
            (kind, value, count)
            for value, count in store.terms(inside, kind, limit=3)
            if count >= 2 and count >= STORY * n and not (kind == "group" and _stands(store, inside, value))
        ]
    most = max((count for *_, count in large), default=0)
    enough = max(2, STORY * n, _WIDER * most)
    wider = [("campaign", name, holding(store, [inside], *WORDS[name])) for name in seasons]
    wider += [("word", one.word, one.now.count) for one in words if one.now.count >= enough][:1]
    wide = max(wider, key=lambda one: one[2], default=None)
    if wide and wide[2] >= enough:
        large.insert(0, wide)
    return [_story(home, store, inside, Share(count, n), kind, value, words) for kind, value, count in large]


def _stands(store: Store, inside: Filter, group: str) -> bool:
    """Say whether a repost group began weeks before: a slogan or programme note, under which news changes."""
    assert inside.since
    return store.count(Filter(until=inside.since - AROUND, where={"group": (group,)})) > 0


def _story(
    home: Home, store: Store, inside: Filter, share: Share, kind: str, value: str, words: Sequence[Word]
) -> Story:
    """One story with its first document: of an event or group ever, of a campaign or word within the peak."""
    if kind in ("campaign", "word"):
        wanted, title = with_words(inside, *WORDS[value] if kind == "campaign" else (value,)), value
    else:
        wanted = narrowed(Filter(), kind, value)
        title = _event_title(home, store, inside, value, words) if kind == "event" else ""
    first = next(iter(store.search(wanted, limit=1, sort=Sort.OLDEST).documents), None)
    if first is None:
        return Story(kind, value, title, share, "", None, "", "")
    raw = first.raw
    return Story(
        kind, value, title or raw.title or raw.text[:40], share,
        raw.id, raw.published_at, raw.site or raw.source, raw.url,
    )  # fmt: skip


def _event_title(home: Home, store: Store, inside: Filter, id: str, words: Sequence[Word]) -> str:
    """The headline, of the event's in the peak, with most of what filled it; else the event's own.

    An event goes on after a peak and is called by what became of it.
    """
    found = store.search(narrowed(inside, "event", id), limit=_TITLES, sort=Sort.OLDEST).documents
    titles = [one.raw.title for one in found if one.raw.title]
    weight = {title: sum(word.now.count for word in words if word.word in title) for title in titles}
    best = max(titles, key=lambda title: weight[title], default="")
    if best and weight[best]:
        return best
    try:
        return events.find(home, id).title
    except FengpingError:
        return ""  # events were made anew since the store was told
