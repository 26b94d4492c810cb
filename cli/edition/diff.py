"""``edition diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, stdout, write_json
from fengping.services.edition import diff as compared
from fengping.services.edition import left_out


def diff(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help="Number of an edition.")],
    second: Annotated[str, typer.Argument(help="Number of another.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Differences between two editions, and by how much."""
    home = open_home(context)
    found = compared(home, first, second)
    if as_json:
        write_json([{"what": c.what, "before": c.before, "after": c.after} for c in found])
        return
    for change in found:
        stdout.print(str(change), highlight=False)
    beyond, passed = left_out(home, first, second)
    if beyond:
        remark(
            f"Shares, means, peaks and other reckoned figures that differ too and are not listed: {beyond}."
        )
    for one in passed:
        remark(f"This change finds nothing to change in {second}: {one}")
