"""``hosts discover``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from fengping.cli.hosts import Texts, counted
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import USUAL_DAYS, day_of, now, parse_moment
from fengping.services import hosts


def discover(
    context: typer.Context,
    file: Texts = None,
    since: Annotated[
        str | None,
        typer.Option("--since", help=f"First day that counts as recent; {USUAL_DAYS} days back without it."),
    ] = None,
    at_least: Annotated[int, typer.Option("--min", min=1, help="Documents a name must stand in.")] = 3,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Names that rise beside 直播间, 带货 and 主播 and are not in the registry. Accept one with hosts add."""
    recent = day_of(parse_moment(since)) if since else day_of(now()) - timedelta(days=USUAL_DAYS)
    found = hosts.discover_names(open_home(context), hosts.Texts(file), recent, at_least)[:limit]
    if as_json:
        write_json(
            [
                {
                    "name": c.name,
                    "documents": c.documents,
                    "recent": c.recent,
                    "first_seen": c.first_seen,
                    "beside": dict(c.beside),
                    "samples": c.samples,
                }
                for c in found
            ]
        )
        return
    rows = [
        (c.name, c.documents, c.recent, str(c.first_seen or ""), counted(c.beside), "\n".join(c.samples))
        for c in found
    ]
    write_table(("name", "documents", f"since {recent}", "first seen", "beside", "samples"), rows)
