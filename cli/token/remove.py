"""``token remove``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.state import State
from fengping.web.accounts import tokens


def remove(context: typer.Context, name: Annotated[str, typer.Argument(help="Name of the token.")]) -> None:
    """Ends a token at once."""
    tokens.remove(State.open(open_home(context)), name)
    remark(f"The token {name} is no more.")
