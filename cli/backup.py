"""``backup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now
from fengping.services import backup as backups


def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where it is put; a relative one is taken from the home.")],
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Delete all but that many of the backups there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Writes everything of the home but its index into one checked file, while it is at work."""
    made = backups.make(open_home(context), folder, now(), keep=keep)
    if as_json:
        record = {"path": str(made.path), "files": made.files, "size": made.size, "remark": made.remark}
        write_json(record | {"removed": [str(path) for path in made.removed]})
        return
    write_table(("backup", "files", "bytes"), [(str(made.path), made.files, f"{made.size:,}")])
    for path in made.removed:
        remark(f"Deleted {path}.")
    if made.remark:
        remark(made.remark, style="yellow")
