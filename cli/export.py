"""``export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import (
    ChannelOf,
    Host,
    Issue,
    Platform,
    Query,
    Since,
    Source,
    Tone,
    Until,
    asked,
)
from fengping.cli.terminal import open_home, progress_bars, remark
from fengping.services import search as services


def export(
    context: typer.Context,
    query: Query = "",
    form: Annotated[
        str, typer.Option("--format", help="csv, xlsx, jsonl or parquet (whole documents).")
    ] = "csv",
    out: Annotated[Path | None, typer.Option("--out", help="File to write; else stdout.")] = None,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
) -> None:
    """Writes every document found, in the order of their ids."""
    question = asked(query, since, until, host, issue, polarity, platform, channel, source)
    with progress_bars() as show:
        done = services.export(open_home(context), question, form, out or sys.stdout.buffer, show=show)
    views.understood(done.where)
    views.tell_undated(done.undated)
    remark(f"{done.written:,} documents written{f' to {out}' if out else ''}.")
