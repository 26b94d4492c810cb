"""``deliver canary``."""

from __future__ import annotations

import typer

from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.services import canary as trial


def canary(context: typer.Context) -> None:
    """Writes a trial post into the journal, which index and check take to the channels."""
    channels = trial.write(open_home(context), now())
    remark(
        f"A trial post is on its way to {', '.join(channels)}."
        if channels
        else "No trial post was written: no alarm reaches a channel beyond this machine."
    )
