"""``alerts test``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.alerts import Lines, RuleName, record
from fengping.cli.terminal import open_home, write_json, write_table
from fengping.clock import iso, parse_window
from fengping.services import alert_history


def test(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="First day or moment.")],
    until: Annotated[str, typer.Option("--to", help="Last day (included) or moment.")],
    rule: RuleName = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="Labelled events: one JSON {key, at, title} a line.")
    ] = None,
    as_json: Lines = False,
) -> None:
    """Replays the rules over stored history: what would have fired, and when. Sends nothing.

    With --events also by host and month: events caught, the delay, false alarms.
    """
    home = open_home(context)
    start, stop = parse_window(since, until)
    assert start is not None and stop is not None
    if as_json:
        for firing in alert_history.replay(home, start, stop, rule=rule).firings:
            write_json(record(firing))
        return
    tested = alert_history.back_test(home, start, stop, rule=rule, events=events)
    write_table(
        ("fired at", "rule", "key", "count", "cause", "first of them"),
        [(iso(f.fired_at), f.rule, f.key, f.count, f.cause.value, tested.title(f)) for f in tested.firings],
        title=f"{len(tested.firings)} firings of {tested.rules} rules, {since} … {until}",
    )
    columns = ("month", "key", "firings", "false", "events", "caught", "delay")
    rows = [
        (m.month, m.key, m.firings, "–" if m.false is None else m.false, m.events, m.caught, m.delay_words)
        for m in tested.months
    ]
    write_table(columns, rows, title="by key and month")
    for line in tested.summary:
        typer.echo(line)
