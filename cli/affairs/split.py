"""``affairs split``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.affairs import By, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events


def split(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The event.")],
    documents: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT…", help="Ids of documents to take out.")
    ],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Takes documents out into an event of their own; outlives reindexing and new models."""
    tell(events.split(open_home(context), id, documents, now(), by=by), as_json)
