"""``jobs run``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.scheduler import by_hand


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the job, from `run --list`.")],
) -> None:
    """Begins one job of the schedule now: in the service that runs it, else here to its end; exit 1 if that
    is no good one. Either way it stands in the ledger (`run --log`).
    """
    home = open_home(context)
    by_hand.find(home, name)
    if by_hand.is_scheduled(home, now()):
        by_hand.make_due(home, name, now())
        remark(f"{name} begins within seconds in the service that runs the schedule: fengping run --log 1")
        return
    outcome = by_hand.run(home, name, now)
    typer.echo(outcome.tail, nl=not outcome.tail.endswith("\n"))
    remark(f"{name} ended well.")
