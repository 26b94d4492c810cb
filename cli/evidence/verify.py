"""``evidence verify``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json
from fengping.services import evidence


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Proves that the archive is as it was kept; exit 1 where it is not."""
    home = open_home(context)
    faults = evidence.verify(home)
    if as_json:
        write_json(faults)
    else:
        remark("\n".join(faults) or "The archive is unaltered.")
        remark(evidence.counted(home).sentence)
    if faults:
        raise typer.Exit(1)
