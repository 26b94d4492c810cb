"""``deliver log``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from fengping.cli.deliver import place
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso
from fengping.delivery import Outbox
from fengping.delivery.rows import Attempt, Letter
from fengping.errors import UsageError


def log(
    context: typer.Context,
    channel: Annotated[str | None, typer.Option("--channel", help="Only this channel.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Dead letters, with the numbers for retry.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="What nobody has taken yet.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Every attempt, newest first: accepted, refused, unreached or unknown, in the server's words."""
    if dead and waiting:
        raise UsageError("--dead and --waiting are two lists.", remedy="Give one of them.")
    outbox = Outbox.open(open_home(context))
    rows: list[Attempt] | list[Letter]
    if dead or waiting:
        letters = outbox.dead() if dead else outbox.waiting()
        rows = [letter for letter in letters if channel in (None, letter.channel)][-limit:]
        columns = ("id", "since", "subject", "place", "attempts", "reply")
    else:
        rows = outbox.attempts(limit, channel=channel)
        columns = ("at", "subject", "place", "outcome", "seconds", "reply")
    records = [_record(row) for row in rows]
    if as_json:
        for record in records:
            write_json(record)
        return
    write_table(columns, [["" if r[name] is None else r[name] for name in columns] for r in records])


def _record(row: Attempt | Letter) -> dict[str, Any]:
    record = {
        name: iso(value) if isinstance(value, datetime) else value for name, value in asdict(row).items()
    }
    return record | {"place": place(row.channel, row.address)}
