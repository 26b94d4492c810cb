"""``affairs list``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, parse_window
from fengping.events import Asked, Event, as_record
from fengping.events.answers.status import status_of
from fengping.services import events


def list_events(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="Stands in the title or a party's name.")] = "",
    since: Annotated[str | None, typer.Option(help="Told of on or after this day.")] = None,
    until: Annotated[str | None, typer.Option(help="Begun on or before this day.")] = None,
    party: Annotated[str, typer.Option(help="The host, brand or shop it is about, accused or not.")] = "",
    status: Annotated[
        str,
        typer.Option(
            help="未证实, 已回应, 已否认, 已承认, 已道歉, 已赔付, 已判决, 已处罚, 已撤回 or 已澄清."
        ),
    ] = "",
    publishers: Annotated[int, typer.Option("--publishers", min=1, help="At least so many.")] = 1,
    happenings: Annotated[bool, typer.Option("--happenings", help="Those that accuse nobody.")] = False,
    sort: Annotated[
        str,
        typer.Option(help="gravity (most publishers first), size (most documents) or new (latest first)."),
    ] = "gravity",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Lists events that accuse somebody, by default those told by most publishers first."""
    begin, end = parse_window(since, until)
    asked = Asked(
        text=query,
        party=party,
        since=begin,
        until=end,
        status=status_of(status),
        min_publishers=publishers,
        happenings=happenings,
    )
    found = events.listed(open_home(context), asked, sort=sort, limit=limit)
    if as_json:
        write_json([as_record(event) for event in found])
        return
    columns = ("id", "first told", "documents", "publishers", "accused", "status", "title")
    write_table(columns, [_row(event) for event in found])


def _row(event: Event) -> tuple[str | int, ...]:
    first = (iso(event.first_at) or "")[:16]
    accused = "、".join(event.accused)
    return event.id, first, event.documents, event.publishers, accused, event.status.value, event.title
