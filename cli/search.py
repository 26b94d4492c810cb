"""``search``."""

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


def search(
    context: typer.Context,
    query: Query = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", help="Hits to show; the total is exact.")] = 20,
    offset: Annotated[int, typer.Option("--offset", help="Hits to pass over.")] = 0,
    sort: Annotated[str, typer.Option("--sort", help="newest, oldest or relevance.")] = "newest",
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Finds documents; reposts are not folded."""
    question = asked(query, since, until, host, issue, polarity, platform, channel, source)
    found = services.search(open_home(context), question, sort=sort, limit=limit, offset=offset)
    views.understood(found.where)
    views.tell_hints(found.hints)
    views.tell_undated(found.undated)
    if as_json:
        write_json(found.to_record())
        return
    stdout.print(views.hits(found.documents, found.where.text, offset + 1), soft_wrap=True)
    shown = f", {offset + 1:,}–{offset + len(found.documents):,} shown" if found.documents else ""
    stdout.print(f"{found.total:,} found{shown}.", highlight=False)
