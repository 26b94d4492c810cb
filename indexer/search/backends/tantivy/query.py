"""A :class:`~fengping.indexer.search.protocol.Filter` as a tantivy query."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tantivy import FieldType, Occur, Query, Schema

from fengping.fields import FieldKind
from fengping.indexer.search.backends.tantivy.frames import CHANGING
from fengping.indexer.search.backends.tantivy.view import View
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
from fengping.indexer.search.text.folding import beginning_with, stream, variants
from fengping.models import FIELDS

Clause = tuple[Occur, Query]
FOLLOWED = 100
"""Values of a field up to which each one's documents are followed for themselves."""


class Compiler:
    """Makes queries over *schema*. *resolve* answers a NEAR among given clauses, by the places of words;
    *view* says which values are not as they were put."""

    def __init__(
        self, schema: Schema, resolve: Callable[[Compiler, Near, Sequence[Clause]], Query], view: View | None
    ) -> None:
        self._schema = schema
        self._resolve = resolve
        self._view = view

    def filter(self, where: Filter) -> Query:
        """The documents that *where* selects; raises :class:`UsageError` where it cannot be."""
        clauses = self._conditions(where)
        if where.text is not None:
            clauses.append((Occur.Must, self._expression(where.text, clauses)))
        return both(clauses)

    def _conditions(self, where: Filter) -> list[Clause]:
        check_filter(where)
        clauses = []
        if where.since or where.until:
            clauses.append((Occur.Must, self._window("published", where.since, where.until)))
        if where.undated:
            clauses.append((Occur.MustNot, Query.exists_query("published")))
        if where.indexed_since:
            clauses.append((Occur.Must, self._window("indexed", where.indexed_since, None)))
        for name, values in where.where.items():
            clauses.append((Occur.Must, self.any_of(name, keywords(*values))))
        for name, values in where.exclude.items():
            clauses.append((Occur.MustNot, self.any_of(name, keywords(*values))))
        clauses.extend((Occur.Must, self.range(asked)) for asked in where.ranges)
        return clauses

    def _window(self, field: str, since: datetime | None, until: datetime | None) -> Query:
        # Times are stored to the second: the first whole second inside the window, and the last.
        first = math.ceil(since.timestamp()) if since else None
        last = math.ceil(until.timestamp()) - 1 if until else None
        return self.between(field, first, last)

    def between(self, field: str, low: int | None, high: int | None) -> Query:
        """Values ``low <= value <= high`` of a whole-number field; not both ends may be open."""
        kind = FieldType.Unsigned if field == "key" else FieldType.Integer
        return Query.range_query(self._schema, field, kind, low, high)

    def range(self, asked: Range) -> Query:
        """Documents whose number lies within *asked*; raises :class:`UsageError` where it cannot be."""
        check_range(asked)
        low, high, low_included, high_included = bounds(asked)
        kind = FieldType.Float if FIELDS[asked.field].kind is FieldKind.NUMBER else FieldType.Integer
        return self._over(
            asked.field, Query.range_query, asked.field, kind, low, high, low_included, high_included
        )

    def _over(self, field: str, make: Callable[..., Query], *arguments: Any) -> Query:
        """A query over a field; of an index of an older fengping that lacks it no document holds a value."""
        try:
            return make(self._schema, *arguments)
        except ValueError as error:
            if f"`{field}` is not defined" not in str(error):
                raise
            return Query.empty_query()

    def any_of(self, field: str, values: Sequence[str]) -> Query:
        """Documents whose *field* holds one of *values*."""
        if not values:
            return Query.empty_query()
        # A set notes every document of the index that holds one of them before anything is looked for; a term
        # is followed only where the other conditions hold.
        if len(values) > FOLLOWED:
            put = self._over(field, Query.term_set_query, field, values)
        else:
            terms = [self._over(field, Query.term_query, field, value, "basic") for value in values]
            put = Query.const_score_query(either(terms), 1.0)
        if field not in CHANGING or self._view is None:
            return put
        lost, gained = self._view.moved(field, values)
        if len(lost):
            put = both([(Occur.Must, put), (Occur.MustNot, self.at_places(lost.tolist()))])
        return either([put, self.at_places(gained.tolist())]) if len(gained) else put

    def at_places(self, places: Sequence[int]) -> Query:
        """The documents whose texts lie at *places*."""
        return Query.term_set_query(self._schema, "place", places) if places else Query.empty_query()

    def _expression(self, expression: Expression, conditions: Sequence[Clause]) -> Query:
        match expression:
            case Term():
                return self.term(expression)
            case Keyword(field, value):
                return self.any_of(field, keywords(value))
            case Range():
                return self.range(expression)
            case Since(moment):
                return self._window("published", moment, None)
            case Until(moment):
                return self._window("published", None, moment)
            case Near():
                return self._resolve(self, expression, conditions)
            case And(parts):
                return both([self._clause(part, conditions) for part in parts])
            case Or(parts):
                return either([self._expression(part, conditions) for part in parts])
            case Not():
                return both([self._clause(expression, conditions)])

    def _clause(self, expression: Expression, conditions: Sequence[Clause]) -> Clause:
        if isinstance(expression, Not):
            return Occur.MustNot, self._expression(expression.part, conditions)
        return Occur.Must, self._expression(expression, conditions)

    def term(self, term: Term) -> Query:
        """Documents with *term* as a substring of its field, Latin words whole."""
        fields = TEXT_FIELDS if term.field is None else (term.field,)
        if term.prefix:
            words = beginning_with(term.text)
            return either([Query.regex_query(self._schema, field, words) for field in fields])
        return either([self._phrase(field, form) for form in variants(term.text) for field in fields])

    def _phrase(self, field: str, form: str) -> Query:
        words = stream(form).split(" ")
        if len(words) == 1:
            return Query.term_query(self._schema, field, words[0])
        return Query.phrase_query(self._schema, field, [*words])


def both(clauses: Sequence[Clause]) -> Query:
    """All clauses hold; documents that only refusals speak of are all the others."""
    if any(occur == Occur.Must for occur, _ in clauses):
        return Query.boolean_query(clauses)
    return Query.boolean_query([(Occur.Must, Query.all_query()), *clauses])


def either(queries: Sequence[Query]) -> Query:
    """At least one holds; none where there is none."""
    if len(queries) == 1:
        return queries[0]
    return (
        Query.boolean_query([(Occur.Should, query) for query in queries]) if queries else Query.empty_query()
    )
