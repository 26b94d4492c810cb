"""Summaries of indexer and crawler runs on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from fengping.cli.terminal import remark, write_json, write_table
from fengping.home import Home
from fengping.spiders import CrawlResult, Flag, Status

if TYPE_CHECKING:
    from fengping.indexer.pipeline.run import Summary

NO_SOURCE = "No source is enabled. Put one into sources/, or name shipped ones in crawl.sources."


def indexed(home: Home, summary: Summary, seconds: float, *, as_json: bool) -> None:
    """Show how every line of the journal ended, and where the refused ones stand."""
    if as_json:
        told = {name: value for name, value in asdict(summary).items() if value is not None}
        write_json(told | {"elapsed": round(seconds, 3)})
    else:
        rows = [*summary.statuses.items(), ("lines read", summary.lines)]
        if summary.regrouped:
            rows.append(("regrouped", summary.regrouped))
        if summary.corrected:
            rows.append(("corrected", summary.corrected))
        if summary.read:
            rows.append(("read by the encoder", summary.read))
        write_table(("status", "count"), rows, title=f"{home.root}, {seconds:.1f} s")
    if summary.unread:
        remark(
            f"{summary.unread:,} documents wait for the encoder: fengping run reads on behind each round, "
            "fengping rejudge --unread at once."
        )
    refused = sum(summary.statuses.get(name, 0) for name in ("unjudged", "damaged", "corrupt", "torn"))
    if refused:
        remark(f"{refused:,} lines stand in {home.quarantine / 'index.jsonl'} with the reason.")


def crawled(results: Sequence[CrawlResult]) -> None:
    """A row a source, its URLs by the one status each ended in; then the remarks."""
    if not results:
        remark(NO_SOURCE)
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
            remark(f"{result.source} {result.outcome.value}: {result.reason}", style="yellow")
        for signal in result.signals:
            remark(signal, style="dim")
