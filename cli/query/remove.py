"""``query remove``."""

from __future__ import annotations

import typer

from fengping.cli.query import Name
from fengping.cli.terminal import open_home
from fengping.services import query_users


def remove(context: typer.Context, name: Name) -> None:
    """Removes a saved query that nothing needs: no other one, no rule, no outline in the home."""
    query_users.remove(open_home(context), name)
