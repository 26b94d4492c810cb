"""``alerts``: check, test, list, ack."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, stdout, write_json, write_table

if TYPE_CHECKING:
    from fengping.alerts.evaluate import Firing

alerts = typer.Typer(no_args_is_help=True, help="Rules over negative documents about a host.")
app.add_typer(alerts, name="alerts")

RuleName = Annotated[str | None, typer.Option("--rule", help="Only this rule; all without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def _record(firing: Firing) -> dict[str, Any]:
    from fengping.clock import iso

    return asdict(firing) | {"fired_at": iso(firing.fired_at)}


@alerts.command()
def check(
    context: typer.Context,
    rule: RuleName = None,
    at: Annotated[str | None, typer.Option("--at", help="The moment to judge at; now without it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judges the rules at this moment and sends what fires; exit 1 when a channel refused."""
    from fengping.alerts import check as watch
    from fengping.alerts.rules import load_rules
    from fengping.clock import now, parse_moment
    from fengping.indexer.search.backends.opening import open_store
    from fengping.state import State

    home = open_home(context)
    moment = parse_moment(at) if at else now()
    state = State.open(home)
    store = open_store(home)
    raised = watch.check(load_rules(home.alerts, rule), store, state, moment)
    store.close()
    if as_json:
        for firing in raised:
            write_json(_record(firing))
    delivery = watch.deliver(state, home, moment, quiet=as_json)
    remark = f"{len(raised)} fired, {delivery.sent} messages sent, {delivery.waiting} waiting."
    stderr.print(remark, highlight=False)
    if delivery.errors:
        stderr.print("\n".join(delivery.errors), style="red", highlight=False)
        raise typer.Exit(1)


@alerts.command()
def test(
    context: typer.Context,
    since: Annotated[str, typer.Option("--from", help="First day or moment.")],
    until: Annotated[str, typer.Option("--to", help="Last day (included) or moment.")],
    rule: RuleName = None,
    as_json: AsJson = False,
) -> None:
    """Replays the rules over stored history: what would have fired, and when. Sends nothing."""
    from fengping.alerts import check as watch
    from fengping.alerts.rules import load_rules
    from fengping.clock import iso, parse_window
    from fengping.indexer.search.backends.opening import open_store

    home = open_home(context)
    rules = load_rules(home.alerts, rule)
    start, stop = parse_window(since, until)
    assert start is not None and stop is not None
    store = open_store(home)
    found = list(watch.replay(rules, store, start, stop))
    store.close()
    if as_json:
        for firing in found:
            write_json(_record(firing))
        return
    write_table(
        ("fired at", "rule", "host", "count", "evidence"),
        [(iso(f.fired_at), f.rule, f.key, f.count, " ".join(f.evidence[:3])) for f in found],
        title=f"{len(found)} firings of {len(rules)} rules, {since} … {until}",
    )


@alerts.command(name="list")
def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """The latest firings, whether they were delivered, and who acknowledged them."""
    from fengping.alerts import check as watch
    from fengping.state import State

    state = State.open(open_home(context))
    rows = watch.history(state, limit)
    if as_json:
        for row in rows:
            write_json(row)
        return
    columns = ("id", "fired_at", "rule", "key", "count", "waiting", "acknowledged_by")
    write_table(columns, [[row[name] for name in columns] for row in rows])


@alerts.command()
def ack(
    context: typer.Context,
    firing: Annotated[int, typer.Argument(help="Number of the firing, from `alerts list`.")],
    by: Annotated[str, typer.Option("--by", help="Who takes care of it.")],
) -> None:
    """Writes down who takes care of a firing."""
    from fengping.alerts import check as watch
    from fengping.clock import now
    from fengping.state import State

    state = State.open(open_home(context))
    watch.acknowledge(state, firing, by, now())
    stdout.print(f"Firing {firing} acknowledged by {by}.", highlight=False)
