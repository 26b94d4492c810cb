"""``affairs decisions``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, local
from fengping.services import events


def decisions(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="[ID]", help="An event; all when not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Lists what persons decided on events, the latest first."""
    found = events.decisions(open_home(context), id)
    if as_json:
        write_json([asdict(one) | {"at": iso(one.at), "undone_at": iso(one.undone_at)} for one in found])
        return
    rows = [
        (
            str(one.number),
            f"{local(one.at):%Y-%m-%d %H:%M}",
            one.by,
            one.kind,
            one.document,
            one.value,
            one.undone_by,
        )
        for one in found
    ]
    write_table(("number", "at", "by", "what", "document", "value", "undone"), rows)
