"""``account list``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.state import State
from fengping.web.accounts import book


def list_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """Shows who may sign in, and as what."""
    found = book.everyone(State.open(open_home(context)))
    if as_json:
        write_json([{"name": one.name, "role": one.role} for one in found])
    else:
        write_table(("name", "role"), [(one.name, one.role) for one in found])
