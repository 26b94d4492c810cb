"""Commands of ``events``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import remark, write_json
from fengping.events import Event, as_record

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of events, or their beginnings.")]


def tell(event: Event, as_json: AsJson) -> None:
    """The event that merging or splitting made."""
    if as_json:
        write_json(as_record(event))
    else:
        remark(f"{event.id}: {event.documents:,} documents, {event.status.value}, {event.title}")
