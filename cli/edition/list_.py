"""``edition list``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.reports.archive import Editions
from fengping.services.edition_sending import settle


def list_editions(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Every edition of the archive, the newest first."""
    home = open_home(context)
    settle(home)
    found = Editions(home).all()
    if as_json:
        write_json([record(edition) for edition in found])
        return
    for edition in found:
        stdout.print(line(edition), highlight=False, soft_wrap=True)
