"""``trend``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import (
    AsJson,
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
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.services import search as services


def trend(
    context: typer.Context,
    query: Query = "",
    by: Annotated[str, typer.Option("--by", help="hour, day, week or month (Chinese time).")] = "day",
    split: Annotated[
        str | None, typer.Option("--split", help="hosts, issues, polarity, platforms, channel, …")
    ] = None,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Counts over time, intervals without a document included."""
    question = asked(query, since, until, host, issue, polarity, platform, channel, source)
    found = services.trend(open_home(context), question, by=by, split=split)
    views.understood(found.where)
    views.tell_undated(found.undated, "interval")
    if as_json:
        write_json(found.to_rows())
    elif found.buckets:
        stdout.print(views.trend_table(found.buckets, found.by))
    else:
        stdout.print("Nothing found.")
