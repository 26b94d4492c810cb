"""``account remove``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.state import State
from fengping.web.accounts import book


def remove(context: typer.Context, name: Annotated[str, typer.Argument()]) -> None:
    """Takes an account and its sessions away, at once."""
    book.remove(State.open(open_home(context)), name)
    remark(f"{name} may no longer sign in.")
