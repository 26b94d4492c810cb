"""Which characters name a party: names that the encoder finds, joined with those of the registries.

Every further occurrence of a name is a mention too. 该主播 or 其直播间 belongs to the party it means where
only one party in front of it can be meant; elsewhere it stays a party of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fengping.analysis.hosts import Kind
from fengping.analysis.mentions import Mention
from fengping.reading import Span

_MEANT = re.compile("^(?:该|其|这位|这名|上述|涉事|当事)")
"""Words that point to somebody named before."""
_KINDS = {Kind.HOST: "person", Kind.BRAND: "brand", Kind.PLATFORM: "platform", Kind.REGULATOR: "authority"}
LIKELY = 0.5
_SHORTEST = 2
"""Letters and figures of the shortest name that no registry has."""
_PERSONS = frozenset({"person", "room"})


@dataclass(slots=True)
class Name:
    """A party as the text names it."""

    name: str
    spans: list[Span] = field(default_factory=list)
    kind: str = ""
    """The registry's kind; empty for a party that no registry knows."""


def spans_of(shares: npt.NDArray[np.float32], offsets: Sequence[Span]) -> Iterator[Span]:
    """Characters of each name; *shares*: [pieces, 3], probability of outside, begin, inside."""
    start = end = -1
    begins, inside = shares[:, 1] >= LIKELY, shares[:, 2] > shares[:, 0]
    for begun, goes_on, (first, last) in zip(begins.tolist(), inside.tolist(), offsets, strict=True):
        if goes_on and not begun and start >= 0:
            end = last
            continue
        if start >= 0:
            yield start, end
            start = -1
        if begun:
            start, end = first, last
    if start >= 0:
        yield start, end


def names(content: str, found: Iterable[Span], listed: Iterable[Mention]) -> list[Name]:
    """Parties in the order of their first mention.

    *found*: spans that the encoder takes for names; *listed*: mentions of the registries.
    """
    taken = bytearray(len(content))
    by_name: dict[str, Name] = {}
    for mention in listed:
        if (kind := _KINDS.get(mention.kind)) and _free(taken, mention.start, mention.end):
            _take(taken, mention.start, mention.end)
            one = by_name.setdefault(mention.name, Name(mention.name, kind=kind))
            one.spans.append((mention.start, mention.end))
    words = {word for start, end in found if _letters(word := content[start:end]) >= _SHORTEST}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        for start, end in occurrences(content, word):
            if _free(taken, start, end):
                _take(taken, start, end)
                by_name.setdefault(word, Name(word)).spans.append((start, end))
    for one in by_name.values():
        one.spans.sort()
    return sorted(by_name.values(), key=lambda one: one.spans[0])


def resolved(parties: Sequence[Name], kinds: Sequence[str]) -> list[int]:
    """For each party the number of the party that it means: itself, or the only one in front of its kind."""
    meant = list(range(len(parties)))
    for number, one in enumerate(parties):
        if one.kind or not _MEANT.match(one.name):
            continue
        like = _PERSONS if kinds[number] in _PERSONS else frozenset({kinds[number]})
        before = [other for other in range(number) if meant[other] == other and kinds[other] in like]
        if len(before) == 1:
            meant[number] = before[0]
    return meant


def marked(spans: Sequence[Span], offsets: Sequence[Span]) -> npt.NDArray[np.bool_]:
    """[pieces]: true for the pieces that lie in one of *spans*, partly or whole; both are in order."""
    found = np.zeros(len(offsets), np.bool_)
    starts = [start for start, _ in spans]
    for piece, (start, end) in enumerate(offsets):
        before = bisect_left(starts, end) - 1
        found[piece] = before >= 0 and spans[before][1] > start
    return found


def _letters(word: str) -> int:
    return sum(map(str.isalnum, word))


def occurrences(content: str, word: str) -> Iterator[Span]:
    """Where *word* stands in *content*, from the left; none overlaps another."""
    at = content.find(word) if word else -1
    while at >= 0:
        yield at, at + len(word)
        at = content.find(word, at + len(word))


def _free(taken: bytearray, start: int, end: int) -> bool:
    return taken.find(1, start, end) < 0


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\1" * (end - start)
