"""Sources crawled, with the progress of each; what indexing needs is compiled meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fengping.home import Home
from fengping.indexer.pipeline import warm
from fengping.progress import Listener, Step, emit
from fengping.spiders import CrawlResult
from fengping.spiders import crawl as run_crawl
from fengping.spiders.run.supervisor import Progress


def crawl(
    home: Home,
    names: Sequence[str] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    processes: int = 2,
    show: Listener = emit,
) -> list[CrawlResult]:
    """Collects new documents from sources (all enabled ones where none is named) into the journal.

    Raises :class:`UsageError` for a source that does not exist; one that failed is a result like the others.
    """

    def report(progress: Progress) -> None:
        warm.begin()
        show(_step(progress))

    return run_crawl(home, names, since=since, until=until, on_progress=report, processes=processes)


def _step(progress: Progress) -> Step:
    ended = sum(progress.counts.values())
    note = progress.result.outcome.value if progress.result else f"{progress.documents} new"
    return Step(progress.source, ended, ended + progress.open, note, ended=progress.result is not None)
