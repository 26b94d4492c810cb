"""``alerts ack``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.clock import now
from fengping.services import alert


def ack(
    context: typer.Context,
    firing: Annotated[int, typer.Argument(help="Number of the firing, from `alerts list`.")],
    by: Annotated[str, typer.Option("--by", help="Who takes care of it.")],
    over: Annotated[str, typer.Option("--from", help="Who did so far, to take it over.")] = "",
) -> None:
    """Writes down who takes care of a firing."""
    goes_on = alert.acknowledge(open_home(context), firing, by, now(), over)
    ended = "" if goes_on else " Its affair is over already: the name is kept, and nothing is kept quiet."
    stdout.print(f"Firing {firing} acknowledged by {by}.{ended}", highlight=False, soft_wrap=True)
