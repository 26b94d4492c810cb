"""``share``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, stdout
from fengping.services import sharing


def share(
    context: typer.Context,
    take: Annotated[
        bool, typer.Option("--take", help="Take what others handed on instead, also what was deleted here.")
    ] = False,
) -> None:
    """Hands on what was changed here: configuration, registry, rules, sources, identity and salt."""
    home = open_home(context)
    done = sharing.take(home, missing=True) if take else sharing.share(home)
    for name in done.changed:
        stdout.print(f"{'took' if take else 'handed on'} {name}", highlight=False)
    if not done.changed:
        remark("Nothing has changed.")
    for name in done.kept:
        remark(f"{sharing.BOTH_CHANGED.format(name)} {sharing.MERGE}", "yellow")
    if done.kept:
        raise typer.Exit(1)
