"""Sources crawled, with the progress of each; what indexing needs is compiled meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.journal import remembered
from fengping.indexer.pipeline import warm
from fengping.progress import Listener, Step, emit
from fengping.spiders import CrawlResult, Outcome
from fengping.spiders import crawl as run_crawl
from fengping.spiders.run import Progress
from fengping.spiders.run.causes import causes


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

    send_spool(home)
    results = run_crawl(home, names, since=since, until=until, on_progress=report, processes=processes)
    remembered.keep(home)
    return results


def send_spool(home: Home) -> None:
    """Sends what this machine set aside while the journal's brokers were away, where they are back.

    A machine that only collects has nobody else for it, and a crawl may find nothing new to send it with.
    """
    if any(home.spool.glob("*.jsonl*")):
        with suppress(FengpingError):  # who appends next says so
            journal = open_journal(home)
            if journal.shared:
                journal.settle()


def failures(results: Sequence[CrawlResult]) -> str:
    """A sentence on the sources that failed, with the causes in the order of their counts; empty for none."""
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    if not failed:
        return ""
    counts = Counter[str]()
    for result in failed:
        counts.update({status.value: n for status, n in result.counts.items()})
        counts.update({flag.value: n for flag, n in result.flags.items()})
    told = causes(counts) or [failed[0].reason.rstrip(".")]
    return f"{len(failed)} of {len(results)} sources failed: {', '.join(told)}."


def _step(progress: Progress) -> Step:
    ended = sum(progress.counts.values())
    note = progress.result.outcome.value if progress.result else f"{progress.documents} new"
    return Step(progress.source, ended, ended + progress.open, note, ended=progress.result is not None)
