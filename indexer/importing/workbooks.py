"""Excel's files as tables, a sheet each: XLSX in constant memory, old XLS (at most 65,536 rows) at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO
from zipfile import BadZipFile

import lxml.html
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from fengping.errors import UsageError
from fengping.indexer.importing.columns import recognised
from fengping.indexer.importing.limits import check_workbook
from fengping.indexer.importing.rows import Row, Table
from fengping.indexer.importing.texts import SAMPLE, unique_names

_HEADER_WITHIN = 20

# Excel keeps 15 digits of a number: a longer one has lost its end, and two of them may have become one.
_EXACT = 10**15

_Line = tuple[int, list[str]]


def read_workbook(stream: BinaryIO, name: str) -> Iterator[Table]:
    """The sheets of an XLSX file that hold anything. Raises :class:`UsageError` for a broken file."""
    try:
        check_workbook(stream, name)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"{name} is not a readable XLSX file: {error}.",
            remedy="Open and save it anew, or save it as CSV.",
        ) from None
    for sheet in book.worksheets:
        # Some programs write a wrong size into the sheet, and most of it would not be seen.
        sheet.reset_dimensions()
        lines = (
            (number, [_text(c.value, c.number_format) for c in row])
            for number, row in enumerate(sheet.rows, 1)
        )
        yield from _tables(lines, f"{name} [{sheet.title}]")
    book.close()


def read_old_workbook(stream: BinaryIO, name: str) -> Iterator[Table]:
    """The sheets of an XLS file that hold anything. Raises :class:`UsageError` for a broken file."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(stream)
    except (python_calamine.CalamineError, python_calamine.PasswordError) as error:
        raise UsageError(
            f"{name} is not a readable Excel file: {error}.", remedy="Save it as XLSX without a password."
        ) from None
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        lines = ((number, [_text(cell, "") for cell in row]) for number, row in enumerate(rows, 1))
        yield from _tables(lines, f"{name} [{sheet}]")


def read_web_table(stream: BinaryIO, name: str, encoding: str) -> Iterator[Table]:
    """The tables of an HTML page that calls itself an Excel file, all in memory."""
    page = lxml.html.document_fromstring(stream.read().decode(encoding, "replace"))
    for place, table in enumerate(page.iter("table"), 1):
        rows = enumerate(table.iter("tr"), 1)
        lines = (
            (number, [" ".join(c.text_content().split()) for c in row.iter("td", "th")])
            for number, row in rows
        )
        yield from _tables(lines, f"{name} [{place}]")


def _tables(lines: Iterator[_Line], name: str) -> Iterator[Table]:
    """One table or, for an empty sheet, none. The header is the row with the most known names."""
    filled = (line for line in lines if any(line[1]))
    head = list(itertools.islice(filled, _HEADER_WITHIN))
    if not head:
        return
    best = max(range(len(head)), key=lambda n: (recognised(head[n][1]), -n))
    columns = unique_names(_trimmed(head[best][1]))
    rows = _rows(itertools.chain(head[best + 1 :], filled), columns)
    sample = tuple(itertools.islice(rows, SAMPLE))
    yield Table(name, columns, sample, itertools.chain(sample, rows))


def _rows(lines: Iterable[_Line], columns: Sequence[str]) -> Iterator[Row]:
    for number, cells in lines:
        yield Row(number, dict(zip(columns, cells, strict=False)))


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end that a sheet's formatting leaves."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells


def _text(value: Any, number_format: str) -> str:
    """A cell as it would stand in a CSV; a date only as exact as the cell shows it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        shown = number_format.lower().replace("[$", "")
        midnight = value.time() == time()
        if ("h" not in shown and number_format != "") or (midnight and number_format == ""):
            return value.strftime("%Y-%m-%d") if midnight else value.strftime("%Y-%m-%d %H:%M:%S")
        return value.strftime("%Y-%m-%d %H:%M:%S" if "s" in shown or not shown else "%Y-%m-%d %H:%M")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _EXACT:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)
