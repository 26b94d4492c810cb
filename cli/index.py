"""``index`` and ``reindex``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table
from fengping.errors import Damaged

if TYPE_CHECKING:
    from fengping.home import Home
    from fengping.indexer.pipeline.run import Progress as Report
    from fengping.indexer.pipeline.run import Summary

AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]


@app.command()
def index(context: typer.Context, as_json: AsJson = False) -> None:
    """Judges, groups and stores what was collected since the last run."""
    from fengping.clock import now
    from fengping.indexer.pipeline import run as pipeline
    from fengping.indexer.search.backends.opening import open_store

    home = open_home(context)
    begin = monotonic()
    with _asked_to_stop() as asked, index_bar("index", pipeline.pending(home)) as report:
        summary = pipeline.index(
            home, open_store(home), indexed_at=now(), progress=report, stopping=lambda: bool(asked)
        )
    _tell(home, summary, monotonic() - begin, as_json)
    if asked:
        stderr.print("Stopped as asked; fengping index goes on from here.")
        raise typer.Exit(1)
    _refuse_silence(summary)


@app.command()
def reindex(
    context: typer.Context,
    as_json: AsJson = False,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="Also where the new index holds less than the old one.")
    ] = False,
) -> None:
    """Builds the index anew from the journal; readers see the old one until it is done."""
    from fengping.clock import now
    from fengping.indexer.journal.log import Journal
    from fengping.indexer.pipeline import run as pipeline
    from fengping.indexer.search.backends.opening import open_store

    home = open_home(context)
    begin = monotonic()
    with index_bar("reindex", Journal(home.journal).pending({})) as report:
        summary = pipeline.reindex(
            home, open_store(home), indexed_at=now(), progress=report, allow_loss=allow_loss
        )
    _tell(home, summary, monotonic() - begin, as_json)
    _refuse_silence(summary)


def _refuse_silence(summary: Summary) -> None:
    """Ends with 1 where segments of the journal could not be read, although all others were."""
    if count := summary.statuses.get("damaged", 0):
        raise Damaged(
            f"{count:,} segments of the journal are damaged or missing; everything else was indexed.",
            remedy="Put back copies, which are then read; fengping repair says what else can be got back.",
        )


@contextmanager
def _asked_to_stop() -> Iterator[list[int]]:
    """A list that SIGTERM and SIGINT add themselves to, instead of ending the process."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        asked.append(number)
        # A second one kills; the next run then sets right what was half done.
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def index_bar(what: str, total: int) -> Iterator[Report]:
    """A progress bar on stderr over *total* bytes of journal, with lines a second."""
    columns = (
        TextColumn(what), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    begin, seen = monotonic(), 0
    with Progress(*columns, console=stderr, disable=not stderr.is_terminal) as bar:
        task = bar.add_task(what, total=total, speed="")

        def report(size: int, lines: int) -> None:
            nonlocal seen
            seen += lines
            speed = seen / max(monotonic() - begin, 1e-3)
            bar.update(task, advance=size, speed=f"{seen:,} lines, {speed:,.0f}/s")

        yield report


def _tell(home: Home, summary: Summary, seconds: float, as_json: bool) -> None:
    if as_json:
        write_json(asdict(summary) | {"elapsed": round(seconds, 3)})
    else:
        rows = [*summary.statuses.items(), ("lines read", summary.lines)]
        if summary.regrouped:
            rows.append(("regrouped", summary.regrouped))
        if summary.corrected:
            rows.append(("corrected", summary.corrected))
        write_table(("status", "count"), rows, title=f"{home.root}, {seconds:.1f} s")
    refused = sum(summary.statuses.get(name, 0) for name in ("unjudged", "damaged", "corrupt", "torn"))
    if refused:
        stderr.print(f"{refused:,} lines stand in {home.quarantine / 'index.jsonl'} with the reason.")
