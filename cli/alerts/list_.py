"""``alerts list``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from fengping.cli.alerts import Lines
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import local, parse_moment
from fengping.services import alert


def list_firings(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    as_json: Lines = False,
) -> None:
    """The latest firings, the state of their keys, whether they were told, and who takes care."""
    rows = alert.listed(open_home(context), limit)
    if as_json:
        for row in rows:
            write_json(row)
        return
    columns = ("id", "fired", "rule", "key", "count", "status", "told")
    write_table(columns, [_shown(row) for row in rows])


def _shown(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row for a terminal of eighty columns; ``--json`` and ``alerts show`` have everything."""
    fired = f"{local(parse_moment(row['fired_at'])):%m-%d %H:%M}"
    status = " ".join(filter(None, (row["status"], row["acknowledged_by"])))
    told = f"{row['told']}, {row['waiting']} waiting" if row["waiting"] else row["told"]
    return row["id"], fired, row["rule"], row["name"], row["count"], status, told
