"""``alerts test``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.alerts import Lines, RuleName, record
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, parse_window
from fengping.services import alert


def test(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="First day or moment.")],
    until: Annotated[str, typer.Option("--to", help="Last day (included) or moment.")],
    rule: RuleName = None,
    as_json: Lines = False,
) -> None:
    """Replays the rules over stored history: what would have fired, and when. Sends nothing."""
    start, stop = parse_window(since, until)
    assert start is not None and stop is not None
    replayed = alert.replay(open_home(context), start, stop, rule=rule)
    if as_json:
        for firing in replayed.firings:
            write_json(record(firing))
        return
    write_table(
        ("fired at", "rule", "host", "count", "evidence"),
        [(iso(f.fired_at), f.rule, f.key, f.count, " ".join(f.evidence[:3])) for f in replayed.firings],
        title=f"{len(replayed.firings)} firings of {replayed.rules} rules, {since} … {until}",
    )
