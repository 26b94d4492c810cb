"""``source test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.source import Name, show_reading
from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.services import source


def test_source(
    context: typer.Context,
    name: Name,
    case: Annotated[
        Path | None, typer.Option("--case", help="A recorded case to read again, without the network.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tries a source on one live page (or a recorded case) and shows each field with how it was found."""
    tried = source.test(open_home(context), name, now(), case=case)
    show_reading(tried.reading, as_json=as_json)
    for sentence in tried.differences:
        remark(sentence, style="red")
    if tried.differences or not tried.reading.documents:
        raise typer.Exit(1)
