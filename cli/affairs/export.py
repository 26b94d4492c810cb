"""``affairs export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.clock import parse_window
from fengping.events import Asked
from fengping.services import affair_files


def export(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="Told of on or after this day.")] = None,
    until: Annotated[str | None, typer.Option(help="Begun on or before this day.")] = None,
    party: Annotated[str, typer.Option(help="The host, brand or shop it is about, accused or not.")] = "",
    form: Annotated[str, typer.Option("--format", help="jsonl: an affair a line.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "--out", help="File to write; else stdout.")
    ] = None,
) -> None:
    """Writes every affair with its members, those that accuse nobody included."""
    begin, end = parse_window(since, until)
    asked = Asked(party=party, since=begin, until=end, charged=False)
    written = affair_files.export(open_home(context), asked, form, output or sys.stdout.buffer)
    remark(f"{written:,} affairs written{f' to {output}' if output else ''}.")
