"""Answers that are no page: JSON as the commands print it, and tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from fastapi import Response

from fengping.indexer.search.export import safe_cell


def as_json(value: Any) -> Response:
    """One JSON value and a newline, byte for byte what ``--json`` of a command prints."""
    return Response(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE), media_type="application/json")


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """A table that Excel opens as it is; a cell that a sheet would compute is defused."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    head = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=head)
