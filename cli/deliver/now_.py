"""``deliver now``."""

from __future__ import annotations

import typer

from fengping.cli.deliver import send
from fengping.cli.terminal import open_home
from fengping.clock import now


def send_now(context: typer.Context) -> None:
    """Sends what is due; exit 1 when something was not accepted."""
    send(open_home(context), now())
