"""Reach of an event: publishers, those with words of their own, engagement, whether hosts are named. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fengping.analysis.text import fold
from fengping.events.building.candidates import is_signed, publisher
from fengping.models import Document

ENGAGED = ("likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class Reach:
    """Counts of an event's documents that need none of their texts."""

    read: int
    publishers: int
    """Those that are known: an entry of a list, without an author, has none."""
    independent: int
    """Publishers with at least one text that is no copy of an earlier one."""
    engagement: int | None
    """Likes, comments and reposts; ``None`` where no platform showed any."""
    named: bool
    """True where any of them names a host."""


def reach_of(documents: Sequence[Document]) -> Reach:
    """The reach of an event by its *documents*, in time order."""
    groups: set[str] = set()
    independent: dict[tuple[str, str], bool] = {}
    for document in documents:
        if is_signed(document):
            who = publisher(document)
            independent[who] = independent.get(who, False) or document.group not in groups
        groups.add(document.group)
    judged = [document.judgement for document in documents]
    return Reach(
        read=len(documents),
        publishers=len(independent),
        independent=sum(independent.values()),
        engagement=engagement_of(documents),
        named=any(one.hosts or one.negative_hosts for one in judged),
    )


def engagement_of(documents: Sequence[Document]) -> int | None:
    """Likes, comments and reposts of *documents*; ``None`` where no platform showed any.

    Of entries that a list took in again the greatest counts: theirs go on.
    """
    told = [
        (listed_key(raw.title, document.group, document.event, raw.site, raw.author_id, raw.author), own)
        for document in documents
        for raw in [document.raw]
        if (own := summed([document], ENGAGED)) is not None
    ]
    return counted_once(told) if told else None


def measure_of(documents: Sequence[Document]) -> str:
    """The word for the engagement of *documents*: 评论量 where comments are all that is shown."""
    shown = [name for name in ENGAGED if summed(documents, (name,)) is not None]
    return "评论量" if shown == ["comments"] else "互动量"


def entry_key(group: str, title: str, *signatures: str) -> str:
    """The text that copies share: their group, and of an entry of a list, which nobody signed, its title too.

    Topics of a list may stand over one and the same lead and tell of different things.
    """
    return group if any(signatures) or not title else f"{group} {fold(title)}"


def listed_key(title: str, group: str, event: str, *signatures: str) -> str:
    """The :func:`entry_key` of what nobody signed; empty for a document that anybody signed. Within an event
    a title is one topic, though the list gave it another lead the next day."""
    return "" if any(signatures) else entry_key(event if event and title else group, title)


def counted_once(counts: Iterable[tuple[str, int]]) -> int:
    """The sum of *counts*; of those of one entry of a list the greatest alone."""
    total, listed = 0, defaultdict[str, int](int)
    for entry, count in counts:
        if entry:
            listed[entry] = max(count, listed[entry])
        else:
            total += count
    return total + sum(listed.values())


def summed(documents: Sequence[Document], names: Sequence[str]) -> int | None:
    """Sum of the counts platforms showed; ``None`` where none showed any."""
    shown = [v for d in documents for name in names if (v := getattr(d.raw.engagement, name)) is not None]
    return sum(shown) if shown else None
