"""``edition sign``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record
from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.clock import now
from fengping.reports.archive import EditionState
from fengping.services.edition import advance, moved


def sign(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    by: Annotated[str, typer.Option("--by", help="Who does it.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Signs a reviewed edition; from then on it is never changed or deleted."""
    home = open_home(context)
    for change in moved(home, number, now()):
        remark(f"Changed since it was drafted: {change}")
    done = advance(home, number, EditionState.SIGNED, by, now())
    if as_json:
        write_json(record(done))
    else:
        stdout.print(line(done), highlight=False, soft_wrap=True)
