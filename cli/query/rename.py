"""``query rename``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.query import Name
from fengping.cli.terminal import open_home, stdout
from fengping.services import query_users


def rename(
    context: typer.Context, query: Name, name: Annotated[str, typer.Argument(help="Its new name.")]
) -> None:
    """Renames a saved query; queries, rules and outlines of the home that name it follow."""
    query_users.rename(open_home(context), query, name)
    stdout.print(f"The query {query} is called {name.strip()} now.", highlight=False, markup=False)
