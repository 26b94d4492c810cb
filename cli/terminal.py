"""A terminal: the home at hand, JSON, tables and progress out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from fengping.home import Home
from fengping.progress import Listener, Record, Remark, Step
from fengping.visible import visible


class VisibleConsole(Console):
    """A console on which texts of others cannot move the cursor, clear the screen or turn lines about."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or (segment.text.isascii() and segment.text.isprintable()):
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


# Progress and remarks go to stderr, so that --json leaves nothing but JSON on stdout.
stderr = VisibleConsole(stderr=True)
stdout = VisibleConsole()


def open_home(context: typer.Context) -> Home:
    """The initialised home that ``--home`` names."""
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
        # As it is: what stands in brackets is no markup.
        table.add_row(*(f"{cell:,}" if isinstance(cell, int | float) else Text(str(cell)) for cell in line))
    stdout.print(table)


def remark(text: str, style: str | None = None) -> None:
    """A sentence to stderr, unbroken and as it is."""
    stderr.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def show_remarks(record: Record) -> None:
    """Shows a person at a terminal what work that takes long says; whoever reads a log does not wait."""
    if isinstance(record, Remark) and sys.stderr.isatty():
        sys.stderr.write(f"{visible(record.text)}\n")


@contextmanager
def progress_bars() -> Iterator[Listener]:
    """A listener that draws one bar a task on stderr; nothing where that is no terminal."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[note]}"), TimeElapsedColumn(),
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bars:

        def show(record: Record) -> None:
            if not isinstance(record, Step):
                show_remarks(record)
                return
            if record.task not in tasks:
                tasks[record.task] = bars.add_task(record.task, total=None, note="")
            bars.update(tasks[record.task], completed=record.done, total=record.total, note=record.note)

        yield show
