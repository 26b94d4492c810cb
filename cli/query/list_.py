"""``query list``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, stdout, write_json, write_table
from fengping.services import queries


def list_queries(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists all saved queries."""
    found = queries.saved(open_home(context))
    if as_json:
        write_json([one.to_record() for one in found])
    elif found:
        write_table(("name", "query", "note"), [(one.name, one.text, one.note) for one in found])
    else:
        stdout.print("No saved queries.")
