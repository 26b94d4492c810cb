"""A filter as an Elasticsearch query, and the index it is asked of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from fengping.indexer.search.fields import check_filter, hour_of, keyword_values, keywords
from fengping.indexer.search.protocol import KEYWORD_FIELDS, SCHEMA_VERSION, Filter
from fengping.indexer.search.query.matching import TEXT_FIELDS
from fengping.indexer.search.query.tree import And, Expression, Keyword, Near, Not, Or, Term
from fengping.indexer.search.text.folding import fold, stream, variants
from fengping.models import Document

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}
MAX_TERMS = 50_000
"""Elasticsearch takes 65,536 values in one ``terms`` query."""

SETTINGS: dict[str, Any] = {
    # One shard: counts of a terms aggregation are exact, and fourteen million posts fit.
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # In the order of the newest, so that a page of them is read and not searched for among all.
    "sort": {"field": ["published_at", "id"], "order": ["desc", "asc"], "missing": ["_last", "_last"]},
}

MAPPINGS: dict[str, Any] = {
    "_meta": {"fengping_schema": SCHEMA_VERSION},
    "dynamic": False,
    # The tokens are made of the record, which is kept.
    "_source": {"excludes": [f"{name}_tokens" for name in TEXT_FIELDS]},
    "properties": {
        "id": {"type": "keyword"},
        **{f"{name}_tokens": {"type": "text", "analyzer": "whitespace"} for name in TEXT_FIELDS},
        **{name: {"type": "keyword"} for name in KEYWORD_FIELDS},
        "published_at": {"type": "date"},
        "indexed_at": {"type": "date"},
        "hour": {"type": "integer"},
        "snownlp": {"type": "float"},
        "negative": {"type": "float"},
        "record": {"type": "object", "enabled": False},
    },
}


def to_elastic(document: Document) -> dict[str, Any]:
    """Build the stored form: the record as it is, and beside it the fields to search, filter and count."""
    raw = document.raw
    record = document.to_record()
    entry: dict[str, Any] = {"id": raw.id, **keyword_values(document), "record": record}
    for name in TEXT_FIELDS:
        entry[f"{name}_tokens"] = stream(fold(record[name]))
    for name in ("published_at", "indexed_at", "snownlp", "negative"):
        entry[name] = record[name]
    if raw.published_at is not None:
        entry["hour"] = hour_of(raw.published_at)
    return entry


class Compiler:
    """Makes queries. *resolve* answers a NEAR among given conditions, by reading texts."""

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
    return {"filter": held, "must_not": refused}


def _window(field: str, since: datetime | None, until: datetime | None) -> Query:
    # Times are stored to the second, so a window that begins within one begins with the next.
    bounds = {"gte": since, "lt": until}
    seconds = {name: math.ceil(end.timestamp()) for name, end in bounds.items() if end}
    return {"range": {field: {**seconds, "format": "epoch_second"}}}


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
    return either(
        [
            {"match_phrase": {f"{field}_tokens": stream(form)}}
            for form in variants(term.text)
            for field in fields
        ]
    )


def candidates(expression: Near, conditions: Query, field: str) -> Query:
    """Documents in which the terms of a NEAR may stand near enough; their texts decide.

    The engine counts tokens, of which there are never more than characters, so it leaves out none.
    """
    gaps = expression.distance * (len(expression.terms) - 1)
    near = [
        {
            "all_of": {
                "ordered": expression.ordered,
                "max_gaps": gaps,
                "intervals": [
                    {"match": {"query": stream(form), "ordered": True, "max_gaps": 0}} for form in forms
                ],
            }
        }
        for forms in product(*(variants(term.text) for term in expression.terms))
    ]
    found = either([{"intervals": {f"{field}_tokens": one}} for one in near])
    return {"bool": {"filter": [conditions, found]}}
