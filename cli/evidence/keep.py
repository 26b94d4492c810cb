"""``evidence keep``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from fengping.cli.evidence import OptionalIds
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import now
from fengping.errors import UsageError
from fengping.services import evidence


def keep(
    context: typer.Context,
    ids: OptionalIds = None,
    wanted: Annotated[bool, typer.Option("--wanted", help="What alarms and reports want.")] = False,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Whole-page pictures.")] = True,
    as_json: AsJson = False,
) -> None:
    """Keeps text, response and picture on hold; exit 1 where a part of what ids name could not be kept."""
    if bool(ids) == wanted:
        raise UsageError("Give ids, or --wanted.", remedy="fengping evidence keep ID")
    home = open_home(context)
    if wanted:
        done = evidence.keep_wanted(home, now(), pictures=pictures)
    else:
        done = evidence.keep(home, ids or [], now(), pictures=pictures)
    if as_json:
        write_json([asdict(one) for one in done])
    else:
        remark(f"{len(done):,} documents kept.")
        for one in done:
            for sentence in one.missing:
                remark(f"{one.document}: {sentence}", style="yellow")
    if not wanted and any(one.missing for one in done):
        raise typer.Exit(1)
