"""``crosstab``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.courses import cross_notes, cross_picture, cross_sheet, cross_tables
from fengping.cli.options import AsJson, Host, Issue, Platform, Query, Since, Tone, Until, asked
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.services.trends import crosstab as services


def crosstab(
    context: typer.Context,
    query: Query = "",
    rows: Annotated[str, typer.Option("--rows", help="Field of the rows.")] = "hosts",
    columns: Annotated[str, typer.Option("--columns", help="Field of the columns.")] = "issues",
    layers: Annotated[
        str | None, typer.Option("--layers", help="A third field: a table for each value, e.g. platforms.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="Values of each field.")] = 10,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    png: Png = None,
) -> None:
    """Counts how often values of two or three fields stand together."""
    question = asked(query, since, until, host, issue, polarity, platform)
    found = services.crosstab(
        open_home(context), question, rows=rows, columns=columns, layers=layers, limit=limit
    )
    views.understood(found.where)
    views.tell_hints(found.hints)
    views.tell_undated(found.undated)
    save([cross_sheet(found)], cross_picture(found), csv, xlsx, png)
    if as_json:
        write_json(found.to_record())
        return
    for table in cross_tables(found):
        stdout.print(table)
    for note in cross_notes(found)[1:]:
        remark(note)
