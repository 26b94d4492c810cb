"""``alerts check``."""

from __future__ import annotations

import sys

import typer

from fengping.cli.alerts import Lines, RuleName, record
from fengping.cli.deliver import exit_unless_sent
from fengping.cli.options import At
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import now, parse_moment
from fengping.services import alert, unheard


def check(context: typer.Context, rule: RuleName = None, at: At = None, as_json: Lines = False) -> None:
    """Judges the rules at this moment and sends what fires; exit 1 when a channel did not take a message.

    A rule with a fault is named and left out; where none is left, the fault ends it.
    """
    clock = now()
    moment = parse_moment(at) if at else clock
    screen = None if as_json else sys.stdout
    home = open_home(context)
    sent = alert.check(home, moment, clock, rule=rule, screen=screen)
    if as_json:
        for firing in sent.checked.firings:
            write_json(record(firing))
    checked, delivery = sent.checked, sent.delivery
    remark(
        f"{len(checked.firings)} fired, {len(checked.resolved)} resolved, {delivery.accepted} messages sent, "
        f"{delivery.waiting} waiting."
    )
    for late in checked.late:
        remark(f"{late.rule}: {late.late:,} too old for an alarm, {late.undated:,} more undated.")
    for sentence in sent.left_out:
        remark(sentence, style="red")
    for one in unheard.rules(home):
        if rule in (None, one.rule):
            remark(one.sentence, style="yellow")
    exit_unless_sent(delivery)
