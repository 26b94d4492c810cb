"""``edition diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout, write_json
from fengping.services.edition import diff as compared


def diff(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help="Number of an edition.")],
    second: Annotated[str, typer.Argument(help="Number of another.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Differences between two editions, and by how much."""
    found = compared(open_home(context), first, second)
    if as_json:
        write_json([{"what": c.what, "before": c.before, "after": c.after} for c in found])
        return
    for change in found:
        stdout.print(str(change), highlight=False)
