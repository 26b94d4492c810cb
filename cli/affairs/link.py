"""``affairs link``."""

from __future__ import annotations

import typer

from fengping.cli.affairs import By, Ids, tell
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import events


def link(context: typer.Context, ids: Ids, by: By = "", as_json: AsJson = False) -> None:
    """Makes one affair of several events, which stay apart."""
    tell(events.merge(open_home(context), ids, now(), by=by, linked=True), as_json)
