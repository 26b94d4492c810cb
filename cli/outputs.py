"""Options by which a command also writes what it shows to files, and the writing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.terminal import remark

if TYPE_CHECKING:
    from fengping.services.pictures import Picture
    from fengping.services.tables import Sheet

Csv = Annotated[Path | None, typer.Option("--csv", help="Also write the table to this CSV file.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help="Also write the tables to this workbook.")]
Png = Annotated[Path | None, typer.Option("--png", help="Also draw a chart into this picture.")]


def save(
    sheets: Sequence[Sheet], picture: Picture, csv: Path | None, xlsx: Path | None, png: Path | None
) -> None:
    """Writes the files that were asked for."""
    save_tables(sheets, csv, xlsx)
    if png:
        from fengping.services.pictures import write_png

        write_png(picture, png)
        remark(f"A chart was written to {png}.")


def save_tables(sheets: Sequence[Sheet], csv: Path | None, xlsx: Path | None) -> None:
    """Writes the tables that were asked for. A CSV file holds the first of *sheets*."""
    if csv or xlsx:
        from fengping.services import tables

        if csv:
            tables.write_csv(sheets[0], csv)
            remark(f"{len(sheets[0].rows):,} rows written to {csv}.")
        if xlsx:
            tables.write_xlsx(sheets, xlsx)
            remark(f"{len(sheets):,} tables written to {xlsx}.")
