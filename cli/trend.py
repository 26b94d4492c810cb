"""``trend``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli import views
from fengping.cli.courses import course_picture, course_sheet, course_table
from fengping.cli.options import (
    Against,
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
from fengping.cli.outputs import Csv, Png, Xlsx, save
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.clock import now
from fengping.indexer import Bucket
from fengping.services.trends.courses import course
from fengping.services.trends.periods import start_text


def trend(
    context: typer.Context,
    query: Query = "",
    by: Annotated[str, typer.Option("--by", help="hour, day, week or month (Chinese time).")] = "day",
    split: Annotated[
        str | None, typer.Option("--split", help="hosts, issues, polarity, platforms, channel, …")
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="With the share of all collected, gaps and campaigns.")
    ] = False,
    against: Against = None,
    since: Since = None,
    until: Until = None,
    host: Host = None,
    issue: Issue = None,
    polarity: Tone = None,
    platform: Platform = None,
    channel: ChannelOf = None,
    source: Source = None,
    as_json: AsJson = False,
    csv: Csv = None,
    xlsx: Xlsx = None,
    png: Png = None,
) -> None:
    """Counts over time, intervals without a document included."""
    question = asked(query, since, until, host, issue, polarity, platform, channel, source)
    found = course(open_home(context), question, now(), by=by, split=split, against=against)
    views.understood(found.where)
    views.tell_hints(found.hints)
    views.tell_undated(found.undated, "interval")
    views.tell_aside(found.aside)
    for point in found.gaps[: views.GAPS]:
        remark(f"{start_text(point.start, found.by)}: {point.gap}.")
    if len(found.gaps) > views.GAPS:
        remark(f"{len(found.gaps) - views.GAPS:,} more intervals with gaps in collection.")
    if coming := len(found.coming):
        remark(f"{coming:,} intervals are still to come.")
    if unknown := len(found.gaps_before):
        remark(f"Of the period compared with, {unknown:,} intervals were not or not wholly collected.")
    if not found.points:
        write_json([]) if as_json else stdout.print("Nothing found.")
        return
    save([course_sheet(found)], course_picture(found), csv, xlsx, png)
    if as_json:
        rows = [point.to_record(found.by) for point in found.points]
        plain = not (share or against)
        write_json([{k: row[k] for k in ("start", "count", "split")} for row in rows] if plain else rows)
    elif share or against:
        stdout.print(course_table(found))
    else:
        stdout.print(views.trend_table([Bucket(p.start, p.count, p.split) for p in found.points], found.by))
