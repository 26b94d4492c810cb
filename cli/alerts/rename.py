"""``alerts rename``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.services.renaming import rename_rule


def rename(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="The rule as it is called now.")],
    name: Annotated[str, typer.Argument(help="Its new name.")],
) -> None:
    """Renames a rule; its alarms and states, silences, routes and rules that it inhibits follow."""
    rename_rule(open_home(context), rule, name)
    stdout.print(f"The rule {rule} is called {name.strip()} now.", highlight=False)
