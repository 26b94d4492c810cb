"""Small tables as files: CSV that Excel opens, and workbooks, with cells that nothing computes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengping.errors import UsageError
from fengping.indexer.search.export import MAX_CELL, safe_cell
from fengping.visible import visible


@dataclass(frozen=True)
class Sheet:
    """Rows under a head, and sentences that belong to them: query, window, what is left out."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()


def write_csv(sheet: Sheet, path: Path) -> None:
    """One table; the notes stand behind it, each in a row of its own that begins with ``#``."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(sheet.columns)
            for row in sheet.rows:
                writer.writerow([safe_cell(cell) for cell in row])
            for note in sheet.notes:
                writer.writerow([f"# {visible(note)}"])
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def write_xlsx(sheets: Sequence[Sheet], path: Path) -> None:
    """One sheet a table, head frozen, notes on a sheet of their own."""
    import xlsxwriter

    part = path.with_name(f"{path.name}.part")
    try:
        with xlsxwriter.Workbook(part, {"strings_to_urls": False}) as book:
            bold = book.add_format({"bold": True})
            for sheet in sheets:
                page = book.add_worksheet(sheet.name[:31])
                page.freeze_panes(1, 0)
                page.write_row(0, 0, sheet.columns, bold)
                for number, row in enumerate(sheet.rows, 1):
                    for column, cell in enumerate(row):
                        if isinstance(cell, str):
                            page.write_string(number, column, visible(cell)[:MAX_CELL])
                        elif cell is not None:
                            page.write(number, column, cell)
            page = book.add_worksheet("notes")
            for number, note in enumerate(note for sheet in sheets for note in sheet.notes):
                page.write_string(number, 0, visible(note))
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)
