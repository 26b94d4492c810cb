"""``reindex``."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

import typer

from fengping.cli import runs
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, progress_bars
from fengping.clock import now
from fengping.services import indexing


def reindex(
    context: typer.Context,
    as_json: AsJson = False,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="Also where the new index holds less than the old one.")
    ] = False,
) -> None:
    """Builds the index anew from the journal; readers see the old one until it is done."""
    home = open_home(context)
    begin = monotonic()
    with progress_bars() as show:
        summary = indexing.reindex(home, now(), allow_loss=allow_loss, show=show)
    runs.indexed(home, summary, monotonic() - begin, as_json=as_json)
    indexing.refuse_silence(home, summary)
