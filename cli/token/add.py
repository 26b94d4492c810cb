"""``token add``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, stdout
from fengping.clock import now
from fengping.state import State
from fengping.web.accounts import tokens


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Letters, digits, . _ and -.")],
    scope: Annotated[str, typer.Option("--scope", help="read, correct or admin.")] = "read",
) -> None:
    """Makes a token for a program and prints it once; only its hash is kept."""
    token = tokens.add(State.open(open_home(context)), name, scope, now())
    remark(f"The token {name} may {scope}. It is shown this once:")
    stdout.print(token, highlight=False, markup=False, soft_wrap=True)
