"""``affairs step``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.affairs import By, Id, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events


def step(
    context: typer.Context,
    id: Id,
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="The document that tells it.")],
    status: Annotated[str, typer.Argument(metavar="STATUS", help="The status that it gives; 无: none.")],
    sentence: Annotated[str, typer.Option(help="The sentence that says so.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Says which step of an event a document tells."""
    tell(events.step(open_home(context), id, document, status, now(), by=by, sentence=sentence), as_json)
