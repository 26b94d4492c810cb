"""``index``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Annotated

import typer

from fengping.cli import runs
from fengping.cli.options import AsJson, BeginAnew
from fengping.cli.terminal import open_home, progress_bars, remark
from fengping.clock import now
from fengping.scheduler.status import alive
from fengping.services import indexing


def index(
    context: typer.Context,
    as_json: AsJson = False,
    standby: Annotated[
        bool, typer.Option("--standby", help="Only take in what other machines have indexed, to be ready.")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Leave the encoder's reading to the job, or to fengping rejudge."),
    ] = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Judges, groups and stores what was collected since the last run.

    The encoder reads behind it for schedule.reader_seconds; where fengping run is at work, its job reader.
    """
    home = open_home(context)
    if standby:
        remark(f"The groups of this machine hold {indexing.follow(home):,} versions of documents.")
        return
    begin = monotonic()
    with _asked_to_stop() as asked, progress_bars() as show:
        at = now()
        running = alive(home, at)
        summary = indexing.index(
            home, at, show=show, stopping=lambda: bool(asked), running=running, reading=not (quick or running)
        )
    runs.indexed(home, summary, monotonic() - begin, as_json=as_json)
    if asked:
        remark("Stopped as asked; fengping index goes on from here.")
        raise typer.Exit(1)
    indexing.refuse_silence(home, summary)


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
