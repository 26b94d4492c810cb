"""``alerts explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.options import AsJson, At
from fengping.cli.terminal import open_home, stdout, write_json, write_table
from fengping.clock import iso, now, parse_moment
from fengping.services import alert_history

SHOWN = 15


def explain(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="Name of the rule.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366)] = 90,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """A rule in a sentence, its last days drawn with its firings, and the alarms a week to expect."""
    moment = parse_moment(at) if at else now()
    found = alert_history.explain(open_home(context), rule, moment, days)
    if as_json:
        write_json(found.to_record())
        return
    stdout.print(found.sentence, highlight=False, markup=False)
    for line in found.drawing:
        stdout.print(line, highlight=False, markup=False, soft_wrap=True)
    stdout.print(found.expectation, highlight=False, markup=False)
    rows = [
        (iso(f.fired_at), f.party, f.count, f.cause.value, found.title(f)) for f in found.firings[-SHOWN:]
    ]
    if rows:
        write_table(("fired at", "key", "count", "cause", "first of them"), rows)
