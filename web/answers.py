"""Answers that are no page: JSON as the commands print it, and tables for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from fastapi import Response

from fengping.indexer.search.export import safe_cell

LEFT_OUT = "x-left-out"
"""The header of a file that is not whole: rows that are left out."""


def as_json(value: Any, left_out: int = 0) -> Response:
    """One JSON value and a newline, byte for byte what ``--json`` of a command prints."""
    body = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    return Response(body, media_type="application/json", headers=_told(left_out))


def as_csv(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], name: str, left_out: int = 0, remedy: str = ""
) -> Response:
    """A table that Excel opens as it is; a cell that a sheet would compute is defused.

    The last line of one that is not whole says so, with the *remedy*.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    if left_out:
        writer.writerow([f"{left_out} more are left out. {remedy}".strip()])
    head = _told(left_out) | {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=head)


def _told(left_out: int) -> dict[str, str]:
    return {LEFT_OUT: str(left_out)} if left_out else {}
