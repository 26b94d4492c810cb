"""Exports: columns, order of documents, and every value that is no label."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook

from devtools.golden.homes import Homes, Made
from devtools.golden.records import digest
from devtools.golden.running import succeed
from fengping.models import FIELDS

QUERY = "客服"
SHOWN = 2


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    made = homes.demo
    rows = list(csv.reader(io.StringIO(_exported(made, "csv").decode("utf-8-sig"), newline="")))
    yield from _table("csv", rows)
    sheets = load_workbook(io.BytesIO(_exported(made, "xlsx")), read_only=True)
    for sheet in sheets:
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
        yield from _table(f"xlsx {sheet.title}", rows)
    for form in ("jsonl", "bulk"):
        lines = [json.loads(line) for line in _exported(made, form).splitlines()]
        yield f"{form} rows", len(lines)
        yield f"{form} names", sorted({name for line in lines for name in line})
        plain = [{name: value for name, value in line.items() if _is_raw(name)} for line in lines]
        yield f"{form} values", digest(plain)
        yield f"{form} order", digest([line.get("id") for line in lines])


def _exported(made: Made, form: str) -> bytes:
    """The file of an export."""
    file = made.root / f"export.{form}"
    succeed(made.root, "export", QUERY, "--format", form, "--out", str(file))
    return file.read_bytes()


def _table(name: str, rows: list[list[str]]) -> Iterator[tuple[str, Any]]:
    yield f"{name} columns", rows[0]
    yield f"{name} rows", len(rows) - 1
    raw = [at for at, column in enumerate(rows[0]) if _is_raw(column)]
    kept = [[row[at] for at in raw] for row in rows[1:]]
    yield f"{name} values", digest(kept)
    for number, row in enumerate(kept[:SHOWN], 1):
        yield f"{name} row {number}", dict(zip((rows[0][at] for at in raw), row, strict=True))


def _is_raw(column: str) -> bool:
    return column in FIELDS and FIELDS[column].part.startswith("raw")
