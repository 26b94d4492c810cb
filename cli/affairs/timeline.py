"""``affairs timeline``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.cli.views import sparkline
from fengping.services.pictures import Lines
from fengping.services.tables import Sheet
from fengping.services.trends import phases


def timeline(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of an event, or its beginning.")],
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    png: Png = None,
) -> None:
    """Shows an event's course by day and its phases: 潜伏, 形成, 爆发, 衰退."""
    found = phases.timeline(open_home(context), id)
    columns = ("phase", "first", "last", "documents", "share")
    rows = [
        (one.phase.value, str(one.first), str(one.last), one.share.count, str(one.share))
        for one in found.phases
    ]
    days = Sheet("days", ("day", "documents"), [(str(day), count) for day, count in found.days])
    picture = Lines(found.title, [(str(day), "all", count) for day, count in found.days])
    save([days, Sheet("phases", columns, rows)], picture, csv, xlsx, png)
    if as_json:
        write_json(found.to_record())
        return
    stdout.print(f"{found.id} {found.title}", markup=False, highlight=False)
    if found.days:
        counts = [count for _, count in found.days]
        stdout.print(f"{found.days[0][0]} {sparkline(counts)} {found.days[-1][0]}", highlight=False)
    if rows:
        write_table(columns, rows)
    else:
        remark(f"Fewer than {phases.ENOUGH} documents with a date: no phases are told.")
