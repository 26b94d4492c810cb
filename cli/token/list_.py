"""``token list``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso
from fengping.state import State
from fengping.web.accounts import tokens


def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists the tokens of programs, never the secrets themselves."""
    found = tokens.everything(State.open(open_home(context)))
    if as_json:
        write_json([{"name": t.name, "scope": t.scope, "made_at": iso(t.made_at)} for t in found])
    else:
        write_table(("name", "scope", "made"), [(t.name, t.scope, iso(t.made_at) or "") for t in found])
