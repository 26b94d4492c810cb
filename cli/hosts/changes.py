"""``hosts changes``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.options import AsJson, Issue, Platform, Query, Since, Source, Until, asked
from fengping.cli.outputs import Csv, Xlsx, save_tables
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import now
from fengping.services.tables import Sheet
from fengping.services.trends.movers import COLUMNS, Mover, movers


def changes(
    context: typer.Context,
    query: Query = "",
    of: Annotated[str, typer.Option("--of", help="accused, negative or documents.")] = "accused",
    against: Annotated[
        str, typer.Option("--against", help="The period before: previous (环比) or year (同比), by weekday.")
    ] = "previous",
    sort: Annotated[str, typer.Option("--sort", help="rise, fall, or now (most first).")] = "rise",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    since: Since = None,
    until: Until = None,
    issue: Issue = None,
    platform: Platform = None,
    source: Source = None,
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
) -> None:
    """Hosts by how much changed for each against the period before; without a window, of the last 28 days."""
    question = asked(query, since, until, None, issue, None, platform, None, source)
    found = movers(open_home(context), question, now(), of=of, against=against, sort=sort, limit=limit)
    for where, days in zip(found.wheres, found.days, strict=True):
        views.understood(where)
        remark(f"Collected on {days:,} of its days.")
    if found.found > len(found.hosts):
        remark(f"The first {len(found.hosts):,} of {found.found:,} hosts; --limit shows more.")
    save_tables([Sheet("hosts", COLUMNS, found.rows(), [])], csv, xlsx)
    if as_json:
        write_json(found.to_record())
    elif found.hosts:
        write_table(("host", found.of, "before", "change"), [_row(host, found.of) for host in found.hosts])
    else:
        stdout.print("No host is named.")


def _row(host: Mover, of: str) -> tuple[str, str, str, str]:
    one = host.changes[of]
    counts = ["not collected" if count is None else f"{count:,.0f}" for count in (one.one, one.other)]
    return host.name, counts[0], counts[1], views.change(one)
