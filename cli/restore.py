"""``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.terminal import remark
from fengping.clock import now
from fengping.services import backup as backups


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that fengping backup made; of a folder the newest.")],
    check: Annotated[
        bool, typer.Option("--check", help="Read it and compare its checksums; restore nothing.")
    ] = False,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Leave the index to fengping reindex.")
    ] = False,
) -> None:
    """Makes a home from a backup: in the folder --home names, which must be empty or missing."""
    if file.is_dir():
        file = backups.newest(file)
        remark(f"The newest backup there is {file.name}.")
    if check:
        remark(f"{backups.verify(file):,} files, all as they were written.")
        return
    made = backups.restore(file, context.obj, now(), index=not no_index)
    remark(f"{made.files:,} files restored to {context.obj}.")
    if made.engines:
        remark(
            f"Its {', '.join(made.engines)} are on servers, where the deployment may be at work, and stay as "
            f"they are. To try it out, name others in {context.obj}/fengping.toml before any other command."
        )
    if not made.is_indexed:
        remark("Build the index with: fengping reindex --allow-loss")
