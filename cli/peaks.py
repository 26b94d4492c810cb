"""``peaks``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import AsJson, Host, Issue, Platform, Query, Since, Tone, Until, asked
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import now
from fengping.services.pictures import Bars
from fengping.services.search import describe
from fengping.services.tables import Sheet
from fengping.services.trends import peaks as services

_SHOWN = (0, 1, 2, 4, 6, 7)
"""Columns for a terminal; the explanation names stories and campaign with their counts, files have all."""


def peaks(
    context: typer.Context,
    query: Query = "",
    by: Annotated[str, typer.Option("--by", help="day or hour (Chinese time).")] = "day",
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="Highest peaks to explain.")] = 10,
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
    """Finds the peaks of a course and explains each by the stories that carry it, if any do."""
    question = asked(query, since, until, host, issue, polarity, platform)
    found = services.peaks(open_home(context), question, now(), by=by, limit=limit)
    views.understood(found.where)
    views.tell_undated(found.undated, "peak")
    if found.gaps:
        remark(f"{found.gaps:,} intervals without collecting are left out of what is usual.")
    if found.repeated:
        remark(f"{found.repeated:,} heights only repeat what their source told within the day before.")
    notes = [f"Query: {describe(found.where)}; n = {found.n:,}; {found.left_out:,} lower peaks left out."]
    rows = found.rows()
    picture = Bars(describe(found.where), [(row[0], row[1]) for row in rows])
    save([Sheet("peaks", services.COLUMNS, rows, notes)], picture, csv, xlsx, png)
    if as_json:
        write_json(found.to_record())
    elif rows:
        write_table([services.COLUMNS[at] for at in _SHOWN], [[row[at] for at in _SHOWN] for row in rows])
        if found.left_out:
            remark(f"{found.left_out:,} lower peaks are not shown.")
    else:
        stdout.print("No peak stands out.")
