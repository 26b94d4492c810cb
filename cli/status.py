"""``status``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from fengping.cli.options import AsJson, BeginAnew
from fengping.cli.terminal import remark, write_json, write_table
from fengping.clock import local, now
from fengping.scheduler import status as overview
from fengping.scheduler.in_force import open_watched
from fengping.scheduler.status import NOT_RUNNING, Status
from fengping.spiders.health.verdict import NOT_YET


def status(
    context: typer.Context,
    tell: Annotated[
        bool, typer.Option("--tell", help="Send it to schedule.notify, once a day; exit 0 in any case.")
    ] = False,
    alive: Annotated[
        bool, typer.Option("--alive", help="Show nothing; exit 0 where a process runs the schedule, else 1.")
    ] = False,
    as_json: AsJson = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Jobs, sources, index and alarms on one screen; exit 1 where something wants a person."""
    home = open_watched(context.obj)
    if alive:
        raise typer.Exit(not overview.alive(home, now()))
    found = overview.status(home, now())
    if tell:
        overview.tell(home, found)
        if as_json:
            counts = {"firing": found.fires, "troubles": len(found.troubles)}
            write_json({"documents": found.documents, "today": found.today} | counts)
        return
    if as_json:
        write_json(found.to_record())
    else:
        _show(found)
    if found.troubles:
        raise typer.Exit(1)


def _show(found: Status) -> None:
    """Troubles first; tables that fit 80 columns, and what was said below them."""
    for sentence in found.troubles:
        remark(sentence, style="yellow")
    for line in found.firing:
        remark(f"firing: {line}", style="red")
    if (more := found.fires - len(found.firing)) > 0:
        remark(f"firing: {more:,} more: fengping alerts list", style="red")
    rows = [
        (j.job, j.last.status if j.last else "–", _short(j.last.started_at if j.last else None),
         f"{j.last.seconds:.0f} s" if j.last and j.last.seconds is not None else "",
         ("late: " if j.late else "") + (_short(j.next_at) if j.next_at else ""))
        for j in found.jobs
    ]  # fmt: skip
    columns = ("job", "last run", "began", "took", "next")
    write_table(columns, rows, title=f"schedule: {found.holder or NOT_RUNNING}")
    sources = [
        (s.source, s.state if s.last_run or s.reason != NOT_YET else "new", _short(s.last_run), s.outcome,
         s.today, "" if s.usual is None else s.usual)
        for s in found.sources
    ]  # fmt: skip
    write_table(("source", "state", "last run", "outcome", "today", "usual"), sources)
    held = "unknown" if found.documents is None else f"{found.documents:,}"
    unread = "–" if found.unread is None else f"{found.unread:,}"
    write_table(("documents", "bytes not indexed", "not judged", "not read", "damaged segments"),
                [(held, f"{found.lag_bytes:,}", found.unjudged, unread, found.damaged_segments)])  # fmt: skip
    for job in found.jobs:
        if job.last and job.last.detail:
            remark(f"{job.job}: {job.last.detail}")
    for one in found.sources:
        if one.said:
            remark(f"{one.source}: {one.said}")
    remark(found.collected)
    remark(found.evidence.sentence)
    remark(found.within)
    if found.unwatched:
        named = ", ".join(found.unwatched)
        remark(f"not watched: {named}. A rule for each: fengping watch NAME", style="yellow")
    if found.messages.get("waiting") or found.messages.get("dead"):
        remark("messages: {waiting:,} wait to be sent, {late:,} since over an hour; {dead:,} were given up"
               .format(**found.messages))  # fmt: skip
        for channel, (waits, dead) in found.unsent.items():
            remark(f"messages for {channel}: {waits:,} wait to be sent, {dead:,} were given up")
    for past in found.over:
        remark(f"over, within the last day: {past}")


def _short(moment: datetime | None) -> str:
    """On Chinese clocks, to the minute."""
    return f"{local(moment):%m-%d %H:%M}" if moment else "never"
