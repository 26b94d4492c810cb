"""Cross tables: how often values of two or three fields stand together, with counts beside every share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search import KEYWORD_FIELDS, Keyword
from fengping.indexer.search.people import listable
from fengping.services.aside import Aside, aside_of
from fengping.services.search import Asked, build_filter, one_of, undated_in
from fengping.services.stores import the_store
from fengping.services.trends.periods import check_rows
from fengping.services.trends.shares import Share
from fengping.services.unknown_parties import unknown_parties

MOST = 50
"""Values of one field that a table shows."""
_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A row's value, a column's and, where a third field is asked for, a layer's."""

    row: str
    column: str
    layer: str | None
    of_row: Share
    """Of the documents of the row (in the layer)."""
    of_column: Share

    @property
    def count(self) -> int:
        return self.of_row.count

    def to_record(self, fields: Sequence[str]) -> dict[str, Any]:
        values = dict(zip(fields, (self.row, self.column, self.layer), strict=False))
        return values | {
            "count": self.count,
            "of_row": self.of_row.to_record(),
            "of_column": self.of_column.to_record(),
        }


@dataclass(frozen=True)
class Crosstab:
    """A cross table. A document with several values counts at each: rows and columns do not add up."""

    where: Filter
    fields: tuple[str, ...]
    total: int
    """Documents asked for, whatever values they hold."""
    rows: Sequence[tuple[str, int]]
    columns: Sequence[tuple[str, int]]
    layers: Sequence[tuple[str, int]]
    left_out: dict[str, int]
    """By field, values beyond those shown."""
    cells: Sequence[Cell]
    undated: int
    aside: Aside
    """Documents that counts of negatives leave out."""
    hints: Sequence[str]
    """Sentences on parties that no text names, where nothing was found."""

    def count(self, row: str, column: str, layer: str | None = None) -> int:
        """Documents with all these values."""
        wanted = (row, column, layer)
        return next((c.count for c in self.cells if (c.row, c.column, c.layer) == wanted), 0)

    def to_record(self) -> dict[str, Any]:
        margins = zip(self.fields, (self.rows, self.columns, self.layers), strict=False)
        return {
            "n": self.total,
            "undated": self.undated,
            "negative_answers": self.aside.answers,
            "unjudged": self.aside.unjudged,
            "fields": list(self.fields),
            "values": {field: [{"value": v, "count": n} for v, n in values] for field, values in margins},
            "left_out": self.left_out,
            "cells": [cell.to_record(self.fields) for cell in self.cells],
        }


def crosstab(
    home: Home,
    asked: Asked,
    *,
    rows: str = "hosts",
    columns: str = "issues",
    layers: str | None = None,
    limit: int = 10,
    store: Store | None = None,
) -> Crosstab:
    """Counts of the most frequent values of *rows* by those of *columns* (and of *layers*), with zeros."""
    fields = tuple(
        one_of(name, KEYWORD_FIELDS, "--by") for name in (rows, columns, layers) if name is not None
    )
    limit = max(1, min(limit, MOST))
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        found = {
            name: [(value, count) for value, count in values if may_list(value)]
            for name, values in opened.facets(where, list(dict.fromkeys(fields)), limit=_KNOWN).items()
            for may_list in (listable(opened, where, name),)
        }
        total = opened.count(where)
        shown = {name: values[:limit] for name, values in found.items()}
        check_rows(math.prod(len(shown[name]) for name in fields))
        kept: list[str | None] = [None] if layers is None else [value for value, _ in shown[layers]]
        cells = [cell for layer in kept for cell in _layer(opened, where, fields, shown, layer)]
        return Crosstab(
            where,
            fields,
            total,
            shown[rows],
            shown[columns],
            shown[layers] if layers else (),
            {name: max(0, len(found[name]) - limit) for name in dict.fromkeys(fields)},
            cells,
            undated_in(opened, where),
            aside_of(opened, where),
            () if total else unknown_parties(opened, where),
        )


def _layer(
    store: Store,
    where: Filter,
    fields: Sequence[str],
    shown: dict[str, list[tuple[str, int]]],
    layer: str | None,
) -> list[Cell]:
    """The cells of one layer, or of a table without layers."""
    rows, columns = fields[0], fields[1]
    inside = where if layer is None else narrowed(where, fields[2], layer)
    if layer is None:
        by_row, by_column = dict(shown[rows]), dict(shown[columns])
    else:
        margins = store.facets(inside, [rows, columns], limit=_KNOWN)
        by_row, by_column = dict(margins[rows]), dict(margins[columns])
    cells = []
    counts = store.cross(inside, rows, columns, [row for row, _ in shown[rows]])
    for row, _ in shown[rows]:
        for column, _ in shown[columns]:
            count = counts.get((row, column), 0)
            of_row, of_column = by_row.get(row, 0), by_column.get(column, 0)
            cells.append(Cell(row, column, layer, Share(count, of_row), Share(count, of_column)))
    return cells


def narrowed(where: Filter, field: str, value: str) -> Filter:
    """*where* with one value of a field; documents that it left out stay out."""
    if field in where.where:
        # Two conditions on one field: both must hold, and a filter's values are alternatives.
        return where.holding(Keyword(field, value))
    return replace(where, where={**where.where, field: (value,)})
