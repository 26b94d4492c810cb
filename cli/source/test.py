"""``source test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.source import show_reading
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now
from fengping.errors import UsageError
from fengping.home import Home
from fengping.services import source_dev


def test_source(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A source of this home, or one that ships.")] = "",
    every: Annotated[
        bool,
        typer.Option("--all", help="Try every enabled source, and tell how each answers."),
    ] = False,
    case: Annotated[
        Path | None, typer.Option("--case", help="A recorded case to read again, without the network.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tries a source on one live page (or a recorded case) and shows each field with how it was found."""
    home = open_home(context)
    if every:
        _test_all(home, as_json)
        return
    if not name:
        raise UsageError("Missing source.", remedy="Name one, or try all with --all.")
    tried = source_dev.test(home, name, now(), case=case)
    show_reading(tried.reading, as_json=as_json)
    for sentence in tried.differences:
        remark(sentence, style="red")
    if tried.differences or not tried.reading.documents:
        raise typer.Exit(1)


def _test_all(home: Home, as_json: bool) -> None:
    """Show how each enabled source answers; exit 1 where one does not work."""
    probes = []
    for probe in source_dev.test_all(home, now()):
        probes.append(probe)
        remark(f"{probe.source}: {probe.answer.value}")
    if as_json:
        write_json({"sources": [probe.to_record() for probe in probes]})
    else:
        rows = [(probe.source, probe.answer.value, probe.documents, probe.reason) for probe in probes]
        write_table(("source", "answer", "documents", "reason"), rows)
    if any(probe.answer != "works" for probe in probes):
        raise typer.Exit(1)
