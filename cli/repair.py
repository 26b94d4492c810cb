"""``repair``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, stdout, write_json, write_table
from fengping.clock import now
from fengping.services import repair as service


def repair(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do it, instead of saying what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Says what of a damaged home can be got back, and with --yes gets it back; exit 1 where it is damaged.

    Of damaged journal segments: what agrees with the manifest, and the last versions that stand in the
    index. A copy put back in their place is better: do that first.
    """
    home = open_home(context)
    found = service.repair(home, now()) if yes else service.examine(home)
    if as_json:
        write_json(found.to_record() | {"done": yes})
    elif not found:
        stdout.print("Nothing is damaged.")
    else:
        rows = [(d.segment, d.reason, d.lines, d.readable) for d in found.segments]
        if rows:
            write_table(("segment", "damage", "lines written", "documents readable"), rows)
            stdout.print(f"{found.from_index:,} documents stand in the index alone, in their last version.")
        if found.manifest:
            stdout.print(f"{found.manifest:,} lines of the journal's manifest are damaged.")
        for name in found.state:
            stdout.print(f"The state database lacks {name}.")
    if found and yes:
        remark("Done. Index what was got back with: fengping index")
    elif found:
        remark("Nothing was changed. Put back a copy if there is one, or run: fengping repair --yes")
        raise typer.Exit(1)
