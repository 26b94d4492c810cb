"""The way from a store to a finished report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fengping.clock import local
from fengping.indexer import Store
from fengping.reports.chapters.outline import Background, lay_out
from fengping.reports.document import Report
from fengping.reports.facts.collect import Question, collect
from fengping.reports.facts.model import Coverage, Previous, Window
from fengping.reports.kinds import Kind, before
from fengping.toml import Strict, load_toml


def build(
    store: Store,
    kind: Kind,
    window: Window,
    *,
    subject: str = "直播带货",
    title: str = "",
    generated_at: datetime | None = None,
    min_publishers: int = 2,
    coverage: Coverage | None = None,
    corrected: Sequence[str] | None = None,
    background: Sequence[Background] = (),
    previous: Previous | None = None,
) -> Report:
    """A report of *kind* over *window*. The same store and arguments give an equal report.

    *generated_at* is printed where given; nothing here reads a clock. *coverage* tells what the
    sources did, *corrected* names the documents that analysts corrected; both are 本期未统计 when absent.
    """
    question = Question(
        window,
        min_publishers,
        previous=before(window) if kind.compares else None,
        previous_name="上期",
    )
    facts = collect(store, question, coverage=coverage, corrected=corrected, previous=previous)
    generated = local(generated_at).strftime("%Y-%m-%d %H:%M") if generated_at else ""
    return lay_out(facts, kind, subject=subject, title=title, generated=generated, background=background)


class _Cited(Strict):
    text: str
    source: str
    url: str = ""


class _BackgroundFile(Strict):
    figure: tuple[_Cited, ...]


def read_background(path: Path) -> tuple[Background, ...]:
    """``[[figure]] text, source, url`` of a TOML file; raises :class:`ConfigError` for any other."""
    loaded = load_toml(_BackgroundFile, path)
    return tuple(Background(item.text, item.source, item.url) for item in loaded.figure)
