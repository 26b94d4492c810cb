"""``evidence keep``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from fengping.cli.evidence import Ids
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import now
from fengping.services import evidence


def keep(
    context: typer.Context,
    ids: Ids,
    pictures: Annotated[bool, typer.Option("--pictures/--no-pictures", help="Whole-page pictures.")] = True,
    as_json: AsJson = False,
) -> None:
    """Keeps text, response and picture on hold; exit 1 where a part could not be kept."""
    done = evidence.keep(open_home(context), ids, now(), pictures=pictures)
    if as_json:
        write_json([asdict(one) for one in done])
    else:
        remark(f"{len(done):,} documents kept.")
        for one in done:
            for sentence in one.missing:
                remark(f"{one.document}: {sentence}", style="yellow")
    if any(one.missing for one in done):
        raise typer.Exit(1)
