"""``edition show``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.clock import now
from fengping.reports.archive import Editions
from fengping.services.edition import keys


def show(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """An edition with what changed in it, and the keys by which its sentences are edited."""
    home = open_home(context)
    edition = Editions(home).find(number)
    sentences = keys(home, number, now())
    if as_json:
        write_json(record(edition) | {"sentences": [{"key": key, "text": text} for key, text in sentences]})
        return
    stdout.print(line(edition), highlight=False, soft_wrap=True)
    for change in edition.changes:
        stdout.print(f"  {change}", highlight=False)
    for key, text in sentences:
        stdout.print(f"{key}　{text}", highlight=False, markup=False, soft_wrap=True)
