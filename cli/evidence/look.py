"""``evidence look``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import now
from fengping.services import evidence


def look(context: typer.Context, as_json: AsJson = False) -> None:
    """Looks again at what is due after 1, 7 and 30 days: unchanged, changed or gone."""
    found = evidence.look_again(open_home(context), now())
    if as_json:
        write_json([{"document": document, "finding": finding} for document, finding in found])
    else:
        write_table(("document", "finding"), found)
