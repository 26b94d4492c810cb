"""``doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.services.home import doctor as examine


def doctor(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read all that is stored and compare its checksums.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Checks what this home stands on; exit 1 when something is missing or broken."""
    checks = examine(open_home(context), deep=deep)
    if as_json:
        write_json([{"check": one.name, "ok": one.ok, "found": one.found} for one in checks])
    else:
        rows = [(one.name, "ok" if one.ok else "!!", one.found) for one in checks]
        write_table(("check", "", "found"), rows)
    if not all(one.ok for one in checks):
        raise typer.Exit(1)
