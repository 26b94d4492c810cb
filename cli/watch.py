"""``watch``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark, stderr, stdout
from fengping.clock import now
from fengping.services import watching


def watch(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME…", help="A person, brand, shop or saved query.")
    ],
    alias: Annotated[
        list[str] | None, typer.Option("--alias", help="A further name of the one that is named.")
    ] = None,
    channel: Annotated[
        list[str] | None, typer.Option("--channel", help="Who is told: a name of delivery.toml.")
    ] = None,
) -> None:
    """Tells each new event against these parties, at once and by its gravity: a rule for each."""
    home, aliases = open_home(context), [*(alias or ())]
    if not alias and len(names) == 1 and sys.stdin.isatty() and stderr.is_terminal:
        given = typer.prompt("Further names of it, with commas", "", err=True, show_default=False)
        aliases = given.replace("，", ",").replace(",", " ").split()
    for name in names:
        found = watching.watch(home, name, now(), aliases=aliases, channels=channel or ())
        called = f" ({', '.join(found.aliases)})" if found.aliases else ""
        stdout.print(
            f"{found.rule}{called} is watched as a {found.kind}; {found.counted:,} texts of the last 90 days "
            "would have counted.",
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
        if found.proposed:
            remark(f"Stored texts also name {', '.join(found.proposed)}; add what is meant with --alias.")
        if found.nothing:
            remark(found.nothing, style="yellow")
