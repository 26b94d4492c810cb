"""``share``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, stdout
from fengping.clock import now
from fengping.services import sharing


def share(
    context: typer.Context,
    take: Annotated[bool, typer.Option("--take", help="Take what others handed on instead.")] = False,
) -> None:
    """Hands configuration, registry, rules, sources, identity and salt on to other machines."""
    home = open_home(context)
    done = sharing.take(home) if take else sharing.share(home, now())
    for name in done.changed:
        stdout.print(f"{'took' if take else 'handed on'} {name}", highlight=False)
    if not done.changed:
        remark("Nothing has changed.")
    for name in done.kept:
        remark(f"{name} was changed here and elsewhere: delete it to take theirs, or hand it on.", "yellow")
    if done.kept:
        raise typer.Exit(1)
