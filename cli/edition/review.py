"""``edition review``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record, tell_moved, tell_untraced
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.clock import now
from fengping.reports.archive import EditionState
from fengping.services.edition import advance, missing


def review(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    by: Annotated[str, typer.Option("--by", help="Who does it.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Says that somebody has read the draft."""
    home = open_home(context)
    tell_moved(home, number)
    done = advance(home, number, EditionState.REVIEWED, by, now())
    tell_untraced(home, number)
    if lacking := missing(home, number):
        remark(f"{number} has no {', '.join(lacking).upper()} and cannot be signed without.")
    if as_json:
        write_json(record(done))
    else:
        stdout.print(line(done), highlight=False, soft_wrap=True)
