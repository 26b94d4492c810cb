"""``source record``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.source import Name, show_reading
from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.services import source_dev


def record_source(
    context: typer.Context,
    name: Name,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the case; cases/NAME of the home if none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Saves one live list, its first page and what came out of them as a test case."""
    home = open_home(context)
    folder = out or home.root / "cases" / name
    tried = source_dev.record(home, name, now(), folder)
    show_reading(tried.reading, as_json=as_json)
    remark(f"Recorded in {folder}. Read it again with: source test {name} --case {folder}")
    if not tried.reading.documents:
        raise typer.Exit(1)
