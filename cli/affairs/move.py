"""``affairs move``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.affairs import By, Id, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events


def move(
    context: typer.Context,
    id: Id,
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT…", help="Ids of documents.")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Takes documents into an event."""
    tell(events.move(open_home(context), id, documents, now(), by=by), as_json)
