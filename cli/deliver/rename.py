"""``deliver rename``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.services.renaming import rename_target


def rename(
    context: typer.Context,
    was: Annotated[str, typer.Argument(help="The channel, recipient or route as it is called now.")],
    name: Annotated[str, typer.Argument(help="Its new name.")],
) -> None:
    """Renames a channel, recipient or route; rules, routes, reports and what waits to be sent follow."""
    rename_target(open_home(context), was, name)
    stdout.print(f"{was} is called {name.strip()} now.", highlight=False)
