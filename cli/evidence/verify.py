"""``evidence verify``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.services import evidence


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Checks that what is kept is unchanged since it was captured here; exit 1 where it is not."""
    home = open_home(context)
    found = evidence.verify(home)
    if as_json:
        write_json(found.faults)
    else:
        remark("\n".join(found.faults) or found.sentence)
        remark(evidence.counted(home).sentence)
    if found.faults:
        raise typer.Exit(1)
