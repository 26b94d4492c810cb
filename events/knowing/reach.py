"""Reach of an event: publishers, those with words of their own, engagement, whether hosts are named. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fengping.events.building.candidates import publisher
from fengping.models import Document

ENGAGED = ("likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class Reach:
    """Counts of an event's documents that need none of their texts."""

    read: int
    publishers: int
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

    Of copies that nobody signed the greatest counts: they are entries of a list, whose counts go on.
    """
    told = [
        (entry_of(document.group, document.raw.site, document.raw.author_id, document.raw.author), own)
        for document in documents
        if (own := summed([document], ENGAGED)) is not None
    ]
    return counted_once(told) if told else None


def entry_of(group: str, *signatures: str) -> str:
    """The entry of a list that copies nobody signed are; empty for a document that anybody signed."""
    return "" if any(signatures) else group


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
