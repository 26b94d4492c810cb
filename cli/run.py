"""``run``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso
from fengping.scheduler import service
from fengping.services.home import need_something


def run(
    context: typer.Context,
    list_: Annotated[bool, typer.Option("--list", help="Show each job's last and next run.")] = False,
    now: Annotated[bool, typer.Option("--now", help="Collect at once, then by the schedule.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: JSON to stdout.")] = False,
) -> None:
    """Collects, indexes, alerts and reports by the schedule until it is stopped (Ctrl-C, SIGTERM)."""
    home = open_home(context)
    if not list_:
        need_something(home)
        service.serve(home, at_once=now)
        return
    rows = [
        {
            "job": item.job,
            "commands": item.commands,
            "next_at": iso(item.next_at),
            "last_at": iso(item.last.started_at) if item.last else None,
            "status": item.last.status if item.last else None,
            "detail": item.last.detail if item.last else "",
        }
        for item in service.planned(home)
    ]
    if as_json:
        write_json(rows)
        return
    missing = {"next_at": "not planned: start fengping run", "last_at": "never", "status": "–"}
    columns = ("job", "status", "last_at", "next_at", "detail")
    write_table(columns, [[row[c] or missing.get(c, "") for c in columns] for row in rows])
