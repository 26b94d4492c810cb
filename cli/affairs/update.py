"""``affairs update``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.events import as_record
from fengping.services import events


def update(
    context: typer.Context,
    anew: Annotated[bool, typer.Option("--anew", help="Read every document again; ids stay.")] = False,
    as_json: AsJson = False,
) -> None:
    """Takes in what was indexed since the last update; ``index`` does so itself."""
    done = events.update(open_home(context), anew=anew)
    if as_json:
        write_json(as_record(done))
    else:
        remark(f"{done.documents:,} documents read, {done.events:,} events new or changed.")
