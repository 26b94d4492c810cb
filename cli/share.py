"""``share``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import BeginAnew
from fengping.cli.terminal import open_home, remark, stdout
from fengping.reports.archive import Editions
from fengping.services import sharing


def share(
    context: typer.Context,
    take: Annotated[
        bool, typer.Option("--take", help="Take what others handed on instead, also what was deleted here.")
    ] = False,
    begin_anew: BeginAnew = False,
) -> None:
    """Hands on what was changed here: configuration, registry, rules, sources, editions, salt."""
    home = open_home(context)
    done = sharing.take(home, missing=True) if take else sharing.share(home)
    for name in done.changed:
        stdout.print(f"{'took' if take else 'handed on'} {name}", highlight=False)
    editions = [] if take else Editions(home).hand_on()
    for number in editions:
        stdout.print(f"handed on the files of {number}", highlight=False)
    if not done.changed and not editions:
        remark("Nothing has changed.")
    for name in done.kept:
        remark(f"{sharing.BOTH_CHANGED.format(name)} {sharing.MERGE}", "yellow")
    if done.kept:
        raise typer.Exit(1)
