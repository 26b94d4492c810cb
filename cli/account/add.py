"""``account add``."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.errors import UsageError
from fengping.state import State
from fengping.web.accounts import book


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Letters, digits, . _ and -.")],
    role: Annotated[str, typer.Option("--role", help="reader, analyst or admin.")] = "reader",
) -> None:
    """Makes an account, or gives it another password; the password is asked for, or FENGPING_PASSWORD."""
    password = os.environ.get("FENGPING_PASSWORD", "")
    if not password:
        if not sys.stdin.isatty():
            raise UsageError("There is no terminal to ask for a password.", remedy="Set FENGPING_PASSWORD.")
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    made = book.add(State.open(open_home(context)), name, password, role, now())
    remark(f"{made.name} may sign in as {made.role}.")
