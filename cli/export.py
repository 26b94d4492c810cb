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
from fengping.errors import UsageError
from fengping.services import elastic_files
from fengping.services import search as services


def export(
    context: typer.Context,
    query: Query = "",
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="csv, xlsx, jsonl, parquet (whole documents), bulk (for Elasticsearch); or no documents but "
            "es-template (their index template), kibana (a data view).",
        ),
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
    if form in elastic_files.FORMS:
        if query or since or until or question.where:
            raise UsageError(f"{form} holds no documents.", remedy="Leave out the query and its options.")
        name = elastic_files.write(open_home(context), form, out or sys.stdout.buffer)
        remark(f"{form} of {name} written{f' to {out}' if out else ''}.")
        return
    with progress_bars() as show:
        done = services.export(open_home(context), question, form, out or sys.stdout.buffer, show=show)
    views.understood(done.where)
    views.tell_undated(done.undated)
    remark(f"{done.written:,} documents written{f' to {out}' if out else ''}.")
