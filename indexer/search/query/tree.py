"""The analyst's query as a tree, and its one written form. :mod:`.parser` reads it, the stores compile it.

罗永浩 假货            both (AND is the default)        "刷单 炒信"      a phrase, spaces dropped
刷单 OR 刷量           either                           title:翻车       in the title only
-平台 / NOT 平台       not                              NEAR/5(a b)      within 5 characters, any order
(a OR b) c             grouping                         ONEAR/5(a b)     the same, in this order
host:李佳琦            a judged value: host, negative_host, issue, polarity, platform, channel, source, site …
likes:>1000            a number compared                since:2020-11-01 published then or later
iphone*                words that begin so              until:2020-11-30 published before the end of that day
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fengping.clock import iso
from fengping.indexer.search.query.lookalikes import OPERATORS, lookalike


@dataclass(frozen=True, slots=True)
class Term:
    """Text that must occur as a substring (Chinese) or as whole words (Latin), in a field or in both."""

    text: str
    field: str | None = None
    """``title``, ``text`` or ``None`` for either."""
    prefix: bool = False
    """Words of Latin letters that begin so."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A document whose keyword field *field* (a name of ``store.KEYWORD_FIELDS``) holds exactly *value*."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Range:
    """A document whose number field *field* holds a value between the bounds; one without a value never does.

    *field* is a name of ``store.NUMBER_FIELDS``; a bound that is ``None`` is open.
    """

    field: str
    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Since:
    """Published at *moment*, a whole second, or later."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Until:
    """Published before *moment*, a whole second."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """Two or more terms in one field, at most *distance* characters between each and the next."""

    terms: tuple[Term, ...]
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


Expression = Term | Keyword | Range | Since | Until | Near | And | Or | Not

# What a bare word may hold: nothing that opens, closes, negates, names a field or parts words.
_BARE = re.compile(r"[^\s\"“”（）()：:，、；,;\\-][^\s\"“”（）()：:，、；,;\\]*")


def render(expression: Expression | None) -> str:
    """The canonical written form: ``parse(render(tree)) == tree``; shown to the analyst beside the result."""
    return "" if expression is None else _render(expression, top=True)


def _render(expression: Expression, *, top: bool = False) -> str:
    match expression:
        case Term(text, field, prefix):
            word = f"{text}*" if prefix else _word(text)
            return f"{field}:{word}" if field else word
        case Keyword(field, value):
            return f"{field}:{_word(value)}"
        case Range(field):
            compared = " AND ".join(
                f"{field}:{sign}{number_text(value)}" for sign, value in comparisons(expression)
            )
            return f"({compared})" if " " in compared else compared
        case Since(moment):
            return f"since:{iso(moment)}"
        case Until(moment):
            return f"until:{iso(moment)}"
        case Near(terms, distance, ordered):
            inside = " ".join(_word(term.text) for term in terms)
            field = terms[0].field
            return f"{f'{field}:' if field else ''}{'ONEAR' if ordered else 'NEAR'}/{distance}({inside})"
        case Not(part):
            return f"NOT {_render(part)}"
        case And(parts) | Or(parts):
            word = " AND " if isinstance(expression, And) else " OR "
            inside = word.join(_render(part) for part in parts)
            return inside if top else f"({inside})"


def _word(text: str) -> str:
    if _BARE.fullmatch(text) and text not in OPERATORS and lookalike(text) is None:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comparisons(asked: Range) -> list[tuple[str, float]]:
    """A range as one comparison or two: sign and number."""
    if asked.low is not None and asked.low == asked.high and asked.low_included and asked.high_included:
        return [("=", asked.low)]
    lower = [] if asked.low is None else [(">=" if asked.low_included else ">", asked.low)]
    upper = [] if asked.high is None else [("<=" if asked.high_included else "<", asked.high)]
    return lower + upper


def number_text(value: float) -> str:
    """A number as an analyst writes it: ``1000``, ``0.8``."""
    return str(int(value)) if value == int(value) else repr(value)


def ranges_of(expression: Expression | None) -> Iterator[Range]:
    """Every range of an expression, those under NOT included."""
    match expression:
        case Range():
            yield expression
        case Not(part):
            yield from ranges_of(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from ranges_of(part)


def terms_of(expression: Expression | None) -> Iterator[Term]:
    """The terms that a match contains (those under NOT are left out), for highlighting; a key word is one."""
    match expression:
        case Term():
            yield expression
        case Keyword("keywords", word):
            yield Term(word)
        case Near(terms):
            yield from terms
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms_of(part)


def keywords_of(expression: Expression | None) -> Iterator[Keyword]:
    """The values that a match may have to hold; those under NOT are left out."""
    match expression:
        case Keyword():
            yield expression
        case And(parts) | Or(parts):
            for part in parts:
                yield from keywords_of(part)


def bounds_of(expression: Expression | None) -> tuple[Expression | None, list[Since | Until]]:
    """The bounds of time that every match keeps, and the expression without them."""
    match expression:
        case Since() | Until():
            return None, [expression]
        case And(parts):
            found = [bounds_of(part) for part in parts]
            bounds = [bound for _, inside in found for bound in inside]
            left = tuple(part for part, _ in found if part is not None)
            if not bounds:
                return expression, []
            return (And(left) if len(left) > 1 else next(iter(left), None)), bounds
        case _:
            return expression, []
