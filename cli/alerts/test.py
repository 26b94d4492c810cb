"""``alerts test``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.alerts import Lines, record
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import iso, now, parse_window
from fengping.errors import UsageError
from fengping.services import alert_history


def test(
    context: typer.Context,
    named: Annotated[str | None, typer.Argument(metavar="RULE", help="Only this rule.")] = None,
    *,
    since: Annotated[str, typer.Option("--from", help="First day or moment.")],
    until: Annotated[str, typer.Option("--to", help="Last day (included) or moment.")],
    rule: Annotated[str | None, typer.Option("--rule", help="The same.")] = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="Labelled events: one JSON {key, at, title} a line.")
    ] = None,
    as_json: Lines = False,
    every: Annotated[
        bool, typer.Option("--all", help="With what followed an event that a watch told.")
    ] = False,
) -> None:
    """Replays the rules over stored history: what would have fired, and when. Sends nothing.

    Of events that a watch tells the first alarm alone is shown, unless --all asks for what followed too.
    With --events also by host and month: events caught, the delay, false alarms; with --json these are lines
    of their own after the firings.
    """
    if rule and named and rule != named:
        raise UsageError(f"Two rules are named: {named} and {rule}.", remedy="Name one, or none for all.")
    rule = rule or named
    home = open_home(context)
    start, stop = parse_window(since, until)
    assert start is not None and stop is not None
    clock = now()
    if start > clock:
        raise UsageError(
            f"--from {since} lies ahead, and nothing can be known of it.",
            remedy="Name a moment that has passed.",
        )
    tested = alert_history.back_test(home, start, stop, now=clock, rule=rule, events=events, follow_ups=every)
    if as_json:
        for firing in tested.firings:
            write_json(record(firing) | {"title": tested.title(firing)})
        for row in tested.month_records() if events else ():
            write_json(row)
        _tell(tested.left_out)
        return
    end = iso(clock) if stop > clock else until
    write_table(
        ("fired at", "rule", "key", "count", "cause", "first of them"),
        [(iso(f.fired_at), f.rule, f.key, f.count, f.cause.value, tested.title(f)) for f in tested.firings],
        title=f"{len(tested.firings)} firings of {tested.rules} rules, {since} … {end}",
    )
    columns = ("month", "key", "firings", *(("false", "events", "caught", "delay") if events else ()))
    rows = [
        (m.month, m.key, m.firings, *((m.false, m.events, m.caught, m.delay_words) if events else ()))
        for m in tested.months
    ]
    if rows:
        write_table(columns, rows, title="by key and month")
    for line in tested.summary:
        typer.echo(line)
    _tell(tested.left_out)


def _tell(left_out: Sequence[str]) -> None:
    for sentence in left_out:
        remark(sentence, style="red")
