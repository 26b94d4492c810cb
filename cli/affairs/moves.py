"""``affairs moves``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson, Since, Until
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, parse_window
from fengping.events import as_record
from fengping.services import events


def moves(context: typer.Context, since: Since = None, until: Until = None, as_json: AsJson = False) -> None:
    """Lists what authorities ruled, ordered or punished, with the laws named."""
    found = events.moves(open_home(context), *parse_window(since, until))
    if as_json:
        write_json([as_record(move) for move in found])
        return
    write_table(
        ("at", "kind", "authority", "parties", "title", "laws"),
        [
            (
                (iso(move.at) or "")[:10], move.kind.value, "、".join(move.called),
                "、".join(move.parties), move.title, "、".join(move.laws),
            )
            for move in found
        ],
    )  # fmt: skip
