"""``crawl``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import runs
from fengping.cli.options import AsJson, BeginAnew
from fengping.cli.terminal import open_home, progress_bars, remark, write_json
from fengping.clock import parse_window
from fengping.services import crawling


def crawl(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(help="Which sources; all enabled ones if none.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="Only documents published since then.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only documents published up to then.")] = None,
    processes: Annotated[int, typer.Option("--processes", min=1, max=32, help="Sources at a time.")] = 2,
    as_json: AsJson = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Collects new documents from sources into the journal; exit 1 when a source failed."""
    start, stop = parse_window(since, until)
    home = open_home(context)
    with progress_bars() as show:
        results = crawling.crawl(home, sources or [], since=start, until=stop, processes=processes, show=show)
    if as_json:
        write_json([result.to_record() for result in results])
    else:
        runs.crawled(results)
    if failures := crawling.failures(results):
        remark(failures)  # the last line: it stands in the ledger, and in the notice
        raise typer.Exit(1)
