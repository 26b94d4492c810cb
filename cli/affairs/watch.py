"""``affairs watch``."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from fengping.cli.affairs import Ids
from fengping.cli.terminal import open_home, write_json
from fengping.events import as_record
from fengping.services import events


def watch(
    context: typer.Context,
    ids: Ids,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two looks.")] = 60,
    times: Annotated[int, typer.Option(min=0, help="Looks to take; 0: until interrupted.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The only form there is.")] = True,
) -> None:
    """Prints an event as one line of JSON at first and whenever it has changed."""
    home = open_home(context)
    told: dict[str, Any] = {}
    looks = 0
    while not times or looks < times:
        if looks:
            time.sleep(every)
        looks += 1
        for id in ids:
            record = as_record(events.find(home, id))
            if told.get(id) != record:
                told[id] = record
                write_json(record)
