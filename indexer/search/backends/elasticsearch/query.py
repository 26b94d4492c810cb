"""A :class:`~fengping.indexer.search.protocol.Filter` as an Elasticsearch query."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise, product
from typing import Any

from fengping.indexer.search.fields import bounds, check_filter, check_range, keywords
from fengping.indexer.search.protocol import Filter
from fengping.indexer.search.query.matching import TEXT_FIELDS
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
)
from fengping.indexer.search.text.folding import FILLER, aligned, beginning_with, variants

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}
MAX_TERMS = 50_000
"""Elasticsearch takes 65,536 values in one ``terms`` query."""


class Compiler:
    """Makes queries. *resolve* answers a NEAR of three words or more, by reading texts."""

    def __init__(self, resolve: Callable[[Near, Query], list[str]]) -> None:
        self._resolve = resolve

    def filter(self, where: Filter) -> Query:
        """The documents that *where* selects; raises :class:`UsageError` where it cannot be."""
        query: Query = {"bool": _conditions(where)}
        if where.text is not None:
            query["bool"]["must"] = [self._expression(where.text, {"bool": dict(query["bool"])})]
        return query

    def _expression(self, expression: Expression, conditions: Query) -> Query:
        match expression:
            case Term():
                return term(expression)
            case Keyword(field, value):
                return any_of(field, keywords(value))
            case Range():
                return in_range(expression)
            case Since(moment):
                return _window("published_at", moment, None)
            case Until(moment):
                return _window("published_at", None, moment)
            case Near(terms) if len(terms) == 2:
                return near(expression)
            case Near():
                return any_of("id", self._resolve(expression, conditions))
            case And(parts):
                return {"bool": {"must": [self._expression(part, conditions) for part in parts]}}
            case Or(parts):
                return either([self._expression(part, conditions) for part in parts])
            case Not(part):
                return {"bool": {"must_not": [self._expression(part, conditions)]}}


def _conditions(where: Filter) -> dict[str, Any]:
    check_filter(where)
    held: list[Query] = []
    refused: list[Query] = []
    if where.since or where.until:
        held.append(_window("published_at", where.since, where.until))
    if where.undated:
        refused.append({"exists": {"field": "published_at"}})
    if where.indexed_since:
        held.append(_window("indexed_at", where.indexed_since, None))
    held.extend(any_of(name, keywords(*values)) for name, values in where.where.items())
    refused.extend(any_of(name, keywords(*values)) for name, values in where.exclude.items())
    held.extend(map(in_range, where.ranges))
    return {"filter": held, "must_not": refused}


def _window(field: str, since: datetime | None, until: datetime | None) -> Query:
    # Times are stored to the second, so a window that begins within one begins with the next.
    bounds = {"gte": since, "lt": until}
    seconds = {name: math.ceil(end.timestamp()) for name, end in bounds.items() if end}
    return {"range": {field: {**seconds, "format": "epoch_second"}}}


def in_range(asked: Range) -> Query:
    """Documents whose number lies within *asked*; raises :class:`UsageError` where it cannot be."""
    check_range(asked)
    low, high, low_included, high_included = bounds(asked)
    ends = {"gte" if low_included else "gt": low, "lte" if high_included else "lt": high}
    return {"range": {asked.field: {name: end for name, end in ends.items() if end is not None}}}


def any_of(field: str, values: Sequence[str]) -> Query:
    """Documents whose *field* holds one of *values*."""
    parts = [values[at : at + MAX_TERMS] for at in range(0, len(values), MAX_TERMS)]
    return either([{"terms": {field: list(part)}} for part in parts])


def either(queries: Sequence[Query]) -> Query:
    """At least one holds; none where there is none."""
    if not queries:
        return NOTHING
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def term(term: Term) -> Query:
    """Documents with *term* as a substring of its field, Latin words whole."""
    fields = TEXT_FIELDS if term.field is None else (term.field,)
    if term.prefix:
        words = beginning_with(term.text)
        return either([{"regexp": {f"{field}_tokens": words}} for field in fields])
    return either(
        [
            {"match_phrase": {f"{field}_tokens": aligned(form).rstrip(f" {FILLER}")}}
            for form in variants(term.text)
            for field in fields
        ]
    )


def near(expression: Near) -> Query:
    """Documents in which two words stand near, exactly."""
    first, second = expression.terms
    fields = TEXT_FIELDS if first.field is None else (first.field,)
    return either([_pair(first, second, expression, field) for field in fields])


def candidates(expression: Near, conditions: Query, field: str) -> Query:
    """Documents in which three words or more may stand near enough; their texts decide.

    In order, each stands near the next; without one, each near some other.
    """
    terms = expression.terms
    if expression.ordered:
        near_others = [_pair(one, other, expression, field) for one, other in pairwise(terms)]
    else:
        near_others = [
            either([_pair(one, other, expression, field) for k, other in enumerate(terms) if k != n])
            for n, one in enumerate(terms)
        ]
    return {"bool": {"filter": [conditions, *near_others]}}


def _pair(first: Term, second: Term, expression: Near, field: str) -> Query:
    """Documents in which two words stand near, never overlapping.

    Intervals would do as well, but take two equal words for one.
    """
    orders = [(first, second)] if expression.ordered else [(first, second), (second, first)]
    return either(
        [
            _span_near([_span(form, field) for form in forms], expression.distance)
            for order in orders
            for forms in product(*(variants(term.text) for term in order))
        ]
    )


def _span(form: str, field: str) -> Query:
    words: list[Query] = [{"span_term": {f"{field}_tokens": word}} for word in aligned(form).split(" ")]
    return words[0] if len(words) == 1 else _span_near(words, 0)


def _span_near(clauses: Sequence[Query], distance: int) -> Query:
    return {"span_near": {"clauses": list(clauses), "slop": distance, "in_order": True}}
