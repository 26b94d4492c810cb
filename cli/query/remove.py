"""``query remove``."""

from __future__ import annotations

import typer

from fengping.cli.query import Name
from fengping.cli.terminal import open_home
from fengping.services import queries


def remove(context: typer.Context, name: Name) -> None:
    """Removes a saved query that no other one needs."""
    queries.remove(open_home(context), name)
