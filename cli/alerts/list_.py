"""``alerts list``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.alerts import Lines
from fengping.cli.terminal import open_home, write_json, write_table
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
    columns = (
        "id",
        "fired_at",
        "rule",
        "key",
        "count",
        "cause",
        "status",
        "told",
        "waiting",
        "acknowledged_by",
    )
    named = (row | {"key": row["name"]} for row in rows)
    write_table(columns, [[row[name] for name in columns] for row in named])
