"""``affairs set``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.affairs import By, Id, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events
from fengping.services.events import Word


def set_(
    context: typer.Context,
    id: Id,
    title: Annotated[str | None, typer.Option(help="Its title.")] = None,
    accused: Annotated[list[str] | None, typer.Option(help="Whom it is against. Repeatable.")] = None,
    matter: Annotated[list[str] | None, typer.Option(help="A complaint class, C01–C14. Repeatable.")] = None,
    status: Annotated[str | None, typer.Option(help="Its status, as `affairs list --status` has it.")] = None,
    close: Annotated[str | None, typer.Option(help="Why it is over; empty opens it again.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="All else stands right as it is.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Says or confirms what an event is; outlives updates, reindexing and new models."""
    word = Word(title, accused, matter, status, close, confirm)
    tell(events.say(open_home(context), id, word, now(), by=by), as_json)
