"""``compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import AsJson, Since, Until, asked
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.errors import UsageError
from fengping.services import search as services


def compare(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="The one search.")],
    other: Annotated[
        str | None, typer.Argument(help="The other; the same in another window if left out.")
    ] = None,
    since: Since = None,
    until: Until = None,
    with_since: Annotated[str | None, typer.Option("--with-since", help="--since of the other.")] = None,
    with_until: Annotated[str | None, typer.Option("--with-until", help="--until of the other.")] = None,
    as_json: AsJson = False,
) -> None:
    """Two searches, or two windows of one search, side by side."""
    if other is None and with_since is None and with_until is None:
        raise UsageError("Missing second query.", remedy="Give a second query or --with-since.")
    second = asked(query if other is None else other, with_since or since, with_until or until)
    found = services.compare(open_home(context), asked(query, since, until), second)
    for number in found.undated:
        views.tell_undated(number)
    titles = [services.describe(where) for where in found.wheres]
    if as_json:
        rows = views.comparison_json(found.sides, found.both)
        write_json([{"query": title, **row} for title, row in zip(titles, rows, strict=True)])
    else:
        stdout.print(views.comparison(titles, found.sides, found.both))
