"""Documents as a file for other programs: JSON Lines (whole), CSV and Excel (flat)."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import orjson

from fengping.errors import UsageError
from fengping.models import FIELDS, Document
from fengping.visible import visible

FORMATS = ("csv", "xlsx", "jsonl", "parquet")

_ROWS = sorted((row for row in FIELDS.values() if row.column is not None), key=lambda row: row.column or 0)
COLUMNS = tuple(row.name for row in _ROWS)
"""Names of the exported fields, in the order that the field table gives."""

MAX_CELL = 32_767
"""Characters of an Excel cell."""
MAX_ROWS = 1_048_575


def flat(document: Document) -> list[Any]:
    """The values of :data:`COLUMNS`; lists joined by ``、``, as a person would write them."""
    record = document.to_record()
    record |= record["engagement"]
    values = (record[name] for name in COLUMNS)
    return ["、".join(value) if isinstance(value, list) else value for value in values]


def write_jsonl(documents: Iterable[Document], file: IO[bytes]) -> None:
    """Whole records, with the ids of a document's affairs as the list ``affair``."""
    for document in documents:
        record = document.to_record() | {"affair": [document.event] if document.event else []}
        file.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))


def write_csv(documents: Iterable[Document], file: IO[str]) -> None:
    """Rows with a head; the caller opens the file as ``utf-8-sig``, by which Excel knows the encoding."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for document in documents:
        writer.writerow([safe_cell(value) for value in flat(document)])


_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells that a sheet computes; wide and small forms where it reads them as the narrow."""
_UNSEEN = "\ufeff\u200b\u2060"


def safe_cell(value: Any) -> Any:
    """A cell that no spreadsheet computes and no terminal obeys: a post is anyone's text."""
    if not isinstance(value, str):
        return value
    first = unicodedata.normalize("NFKC", value.lstrip(_UNSEEN)[:1])
    return f"'{visible(value)}" if first.startswith(_COMPUTED) else visible(value)


def write_xlsx(documents: Iterable[Document], path: Path) -> None:
    """One sheet, head frozen. A text longer than a cell holds ends with ``…``.

    Raises :class:`UsageError` for more documents than a sheet has rows.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("documents")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for row, document in enumerate(documents, 1):
            if row > MAX_ROWS:
                raise UsageError(f"Excel holds {MAX_ROWS:,} rows.", remedy="Export as csv or jsonl.")
            for column, value in enumerate(flat(document)):
                if isinstance(value, str):
                    value = visible(value)
                    fits = value if len(value) <= MAX_CELL else f"{value[: MAX_CELL - 1]}…"
                    sheet.write_string(row, column, fits)
                elif value is not None:
                    sheet.write(row, column, value)
