"""Reach of an event: publishers, those with words of their own, engagement, whether hosts are named. Pure."""

from __future__ import annotations

from collections.abc import Sequence
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
    listed: dict[str, int] = {}
    signed = []
    for document in documents:
        raw, own = document.raw, summed([document], ENGAGED)
        if own is None:
            continue
        if raw.site or raw.author_id or raw.author:
            signed.append(own)
        else:
            listed[document.group] = max(own, listed.get(document.group, 0))
    return sum(signed) + sum(listed.values()) if signed or listed else None


def summed(documents: Sequence[Document], names: Sequence[str]) -> int | None:
    """Sum of the counts platforms showed; ``None`` where none showed any."""
    shown = [v for d in documents for name in names if (v := getattr(d.raw.engagement, name)) is not None]
    return sum(shown) if shown else None
