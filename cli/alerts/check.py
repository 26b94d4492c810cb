"""``alerts check``."""

from __future__ import annotations

import typer

from fengping.cli.alerts import Lines, RuleName, record
from fengping.cli.options import At
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import now, parse_moment
from fengping.services import alert


def check(context: typer.Context, rule: RuleName = None, at: At = None, as_json: Lines = False) -> None:
    """Judges the rules at this moment and sends what fires; exit 1 when a channel refused."""
    moment = parse_moment(at) if at else now()
    checked = alert.check(open_home(context), moment, rule=rule, quiet=as_json)
    if as_json:
        for firing in checked.firings:
            write_json(record(firing))
    delivery = checked.delivery
    remark(f"{len(checked.firings)} fired, {delivery.sent} messages sent, {delivery.waiting} waiting.")
    if delivery.errors:
        remark("\n".join(delivery.errors), style="red")
        raise typer.Exit(1)
