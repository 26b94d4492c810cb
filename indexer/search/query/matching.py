"""The meaning of a query, in plain Python: the reference that the stores are tested against.

The memory store answers with it, the other stores verify NEAR with it, and the command line highlights by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import permutations

from fengping.indexer.search.query.tree import (
    And,
    Expression,
    Keyword,
    Near,
    Not,
    Or,
    Range,
    Since,
    Term,
    Until,
    terms_of,
)
from fengping.indexer.search.text.folding import (
    fold,
    fold_with_offsets,
    pattern,
    prefix_pattern,
    variants,
)

TEXT_FIELDS = ("title", "text")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Folded:
    """Searchable form of one document: folded texts, keyword values, numbers and time."""

    texts: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]]
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    published: datetime | None = None


def folded_texts(title: str, text: str) -> dict[str, str]:
    return {"title": fold(title), "text": fold(text)}


def matches(expression: Expression, document: Folded) -> bool:
    """True if *document* is among the matches of *expression*."""
    match expression:
        case Term(field=field):
            found = _finder(expression)
            return any(found.search(document.texts[name]) for name in _fields(field))
        case Keyword(field, value):
            return value in document.keywords.get(field, ())
        case Range(field):
            return within(expression, document.numbers.get(field))
        case Since(moment):
            return document.published is not None and document.published >= moment
        case Until(moment):
            return document.published is not None and document.published < moment
        case Near(terms):
            return any(near(expression, document.texts[name]) for name in _fields(terms[0].field))
        case And(parts):
            return all(matches(part, document) for part in parts)
        case Or(parts):
            return any(matches(part, document) for part in parts)
        case Not(part):
            return not matches(part, document)


def within(expression: Range, value: float | None) -> bool:
    """True if *value* lies between the bounds."""
    if value is None:
        return False
    low, high = expression.low, expression.high
    if low is not None and (value < low or (value == low and not expression.low_included)):
        return False
    return high is None or value < high or (value == high and expression.high_included)


def near(expression: Near, folded: str) -> bool:
    """True if the terms stand in *folded* text, none overlapping, each at most *distance* from the next."""
    found = []
    for term in expression.terms:
        spans = occurrences(term, folded)
        if not spans:
            return False
        found.append(spans)
    orders = [tuple(found)] if expression.ordered else permutations(found)
    return any(_chain(order, expression.distance) for order in orders)


def _chain(found: Sequence[list[Span]], distance: int) -> bool:
    """True if one span of each list can be picked, in this order, with gaps of 0 … *distance*."""
    ends = sorted(end for _, end in found[0])
    for spans in found[1:]:
        reached = []
        for start, end in spans:
            # The nearest end at or after the earliest allowed one must not lie behind the start.
            at = bisect_left(ends, start - distance)
            if at < len(ends) and ends[at] <= start:
                reached.append(end)
        if not reached:
            return False
        ends = sorted(reached)
    return True


def occurrences(term: Term, folded: str) -> list[Span]:
    """Find the places of *term* in *folded* text, overlapping ones included."""
    return [match.span(1) for match in _overlapping(term).finditer(folded)]


def highlights(expression: Expression | None, field: str, text: str) -> list[Span]:
    """Spans of *text* (the title or text as it was written) that the query's terms match, merged."""
    folded, offsets = fold_with_offsets(text)
    spans = sorted(
        (offsets[start], offsets[end - 1] + 1)
        for term in terms_of(expression)
        if term.field in (None, field)
        for start, end in occurrences(term, folded)
    )
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def highlights_of(expression: Expression | None, title: str, text: str) -> dict[str, list[Span]]:
    """Spans of title and text that the query's terms match."""
    return {"title": highlights(expression, "title", title), "text": highlights(expression, "text", text)}


def _fields(field: str | None) -> tuple[str, ...]:
    return TEXT_FIELDS if field is None else (field,)


def _alternatives(term: Term) -> str:
    if term.prefix:
        return prefix_pattern(fold(term.text))
    # A term without a visible character is found nowhere.
    return "|".join(pattern(form) for form in variants(term.text)) or "(?!)"


@lru_cache(maxsize=4096)
def _finder(term: Term) -> re.Pattern[str]:
    return re.compile(_alternatives(term))


@lru_cache(maxsize=4096)
def _overlapping(term: Term) -> re.Pattern[str]:
    # A group inside a look-ahead takes no room, so that 哈哈 is found twice in 哈哈哈.
    return re.compile(f"(?=({_alternatives(term)}))")
