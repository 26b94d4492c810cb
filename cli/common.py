"""Shared helpers of commands: the home at hand, JSON and tables out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from fengping.home import Home

# Progress and remarks go to stderr, so that --json leaves nothing but JSON on stdout.
stderr = Console(stderr=True)
stdout = Console()


def open_home(context: typer.Context) -> Home:
    """The initialised home that ``--home`` names."""
    from fengping.home import Home

    return Home.open(context.obj)


def write_json(value: Any) -> None:
    """One JSON value and a newline to stdout."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """A table to stdout; numbers are set to the right with thousands separators."""
    table = Table(title=title or None, title_justify="left")
    lines = [list(row) for row in rows]
    for number, name in enumerate(columns):
        numeric = bool(lines) and all(isinstance(line[number], int | float) for line in lines)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for line in lines:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in line))
    stdout.print(table)
