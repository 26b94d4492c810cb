"""``crawl``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.progress import TaskID

    from fengping.spiders.run.records import CrawlResult
    from fengping.spiders.run.supervisor import Progress


@app.command()
def crawl(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Which sources; all enabled ones if none.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only documents published since then.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only documents published up to then.")] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=32, help="Sources at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Collects new documents from sources into the journal; exit 1 when a source failed."""
    from fengping.clock import parse_window
    from fengping.spiders.run.records import Outcome
    from fengping.spiders.run.supervisor import crawl as run_crawl

    start, stop = parse_window(since, until)
    home = open_home(context)
    with crawl_progress() as show:
        results = run_crawl(
            home, sources or [], since=start, until=stop, on_progress=show, processes=processes
        )
    if as_json:
        write_json([result.to_record() for result in results])
    else:
        show_results(results)
    if any(result.outcome is Outcome.FAILED for result in results):
        raise typer.Exit(1)


def show_results(results: Sequence[CrawlResult]) -> None:
    """Show a crawl's results: a row a source, its URLs by the one status each ended in; then the remarks."""
    from fengping.spiders.run.statuses import Flag, Status

    if not results:
        stderr.print("No source is enabled. Put one into sources/, or name shipped ones in crawl.sources.")
        return
    rows = []
    for result in results:
        ends = [f"{status.value} {n}" for status in Status if (n := result.counts.get(status))]
        undated = result.flags.get(Flag.NO_DATE, 0)
        note = f" (no_date {undated})" if undated else ""
        rows.append((result.source, result.outcome.value, result.urls, " · ".join(ends) + note))
    write_table(("source", "run", "URLs", "ended as"), rows)
    for result in results:
        if result.reason:
            stderr.print(f"{result.source} {result.outcome.value}: {result.reason}", style="yellow")
        for signal in result.signals:
            stderr.print(signal, style="dim", highlight=False)


@contextmanager
def crawl_progress() -> Iterator[Callable[[Progress], None]]:
    """A callback that draws one bar a source on stderr: URLs that ended, of those met so far."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=stderr) as bars:

        def show(progress: Progress) -> None:
            if progress.source not in tasks:
                tasks[progress.source] = bars.add_task(progress.source, total=None, note="")
            ended = sum(progress.counts.values())
            note = progress.result.outcome.value if progress.result else f"{progress.documents} new"
            bars.update(tasks[progress.source], completed=ended, total=ended + progress.open, note=note)

        yield show
