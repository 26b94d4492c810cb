"""Commands of ``affairs``."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import remark, write_json
from fengping.events import as_record
from fengping.services.events import Handled


def _somebody(name: str) -> str:
    return name or getpass.getuser()


By = Annotated[str, typer.Option(help="Who decides; the login name when not given.", callback=_somebody)]
Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of events, or their beginnings.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The event.")]


def tell(made: Handled, as_json: AsJson) -> None:
    """The event that merging or splitting made."""
    event = made.event
    if made.waiting:
        remark("It is written down; the events are being updated, and take it in when that has ended.")
    if made.elsewhere:
        remark("It is written down; the machine that indexes takes it in at its next update of the events.")
    if as_json:
        write_json(as_record(event))
    else:
        remark(f"{event.id}: {event.documents:,} documents, {event.status.value}, {event.title}")
