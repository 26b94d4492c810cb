"""``edition draft``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record
from fengping.cli.report import outline_of
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.clock import now
from fengping.services.edition import FORMATS
from fengping.services.edition import draft as make
from fengping.services.report import Wanted, formats_of


def draft(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="A kind of report, or a TOML file.")],
    focus: Annotated[str, typer.Argument(metavar="[NAME]", help="The host, or the id of the event.")] = "",
    first: Annotated[str | None, typer.Option("--from", help="First day.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, included.")] = None,
    query: Annotated[str, typer.Option("--query", help="Only what this query finds.")] = "",
    year: Annotated[int | None, typer.Option("--year", help="Year of the edition or week.")] = None,
    week: Annotated[str | None, typer.Option("--week", help="last-week, 45 or 2024-W45.")] = None,
    formats: Annotated[str | None, typer.Option("--format", help="Several with commas.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Makes a numbered draft; changes of earlier reviews of the same report hold in it."""
    home = open_home(context)
    wanted = Wanted(
        kind, first, last, focus=focus, query=query, year=year, week=week, outline=outline_of(kind)
    )
    made = make(home, wanted, now(), formats_of(home, formats) if formats else FORMATS)
    if as_json:
        write_json(record(made))
        return
    stdout.print(line(made), highlight=False, soft_wrap=True)
    for change in made.changes:
        stdout.print(f"  {change}", highlight=False)
