"""``affairs undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.affairs import By, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events


def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `affairs decisions` gives it.")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Takes a decision on an event back."""
    tell(events.undo(open_home(context), number, now(), by=by), as_json)
