"""``alerts check``."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from fengping.cli.alerts import Lines, RuleName, record
from fengping.cli.deliver import exit_unless_sent
from fengping.cli.options import At
from fengping.cli.terminal import open_home, remark, write_json
from fengping.clock import iso, now, parse_moment
from fengping.errors import UsageError
from fengping.scheduler.status import alive
from fengping.services import alert, unheard

Counts = Annotated[
    bool, typer.Option("--counts", help="One JSON object of figures; messages of stdout wait for a screen.")
]


def check(
    context: typer.Context,
    rule: RuleName = None,
    at: At = None,
    as_json: Lines = False,
    counts: Counts = False,
) -> None:
    """Judges the rules at this moment and sends what fires; exit 1 when a channel did not take a message.

    A rule with a fault is named and left out; where none is left, the fault ends it.
    """
    clock = now()
    moment = parse_moment(at) if at else clock
    if moment > clock:
        raise UsageError(
            f"--at {at} lies ahead, and nothing can be known of it.",
            remedy="Leave --at out, or name a moment that has passed.",
        )
    screen = None if as_json or counts else sys.stdout
    home = open_home(context)
    sent = alert.check(home, moment, clock, rule=rule, screen=screen, running=alive(home, clock))
    if as_json:
        for firing in sent.checked.firings:
            write_json(record(firing))
    checked, delivery = sent.checked, sent.delivery
    if counts:
        write_json({
            "fired": len(checked.firings), "resolved": len(checked.resolved),
            "sent": delivery.accepted, "waiting": delivery.waiting,
        })  # fmt: skip
    remark(
        f"{len(checked.firings)} fired, {len(checked.resolved)} resolved, {delivery.accepted} messages sent, "
        f"{delivery.waiting} waiting."
    )
    for last in sorted(set(checked.passed.values())):
        names = sorted(name for name, at in checked.passed.items() if at == last)
        option = f" --rule {shlex.quote(names[0])}" if len(names) == 1 else ""
        were = "it was" if option else "they were"
        remark(
            f"{', '.join(names)}: not judged, for {were} checked at {iso(last)} already. See what would have "
            f"been told: fengping alerts test{option} --from … --to …"
        )
    if checked.unresolved:
        remark(
            f"{len(checked.unresolved)} affairs are not resolved yet: the last check is too long ago, the "
            "clock was changed, or the index is not filled again yet. They are once the checks have gone on "
            "for a while."
        )
    for sentence in sent.left_out:
        remark(sentence, style="red")
    for one in unheard.rules(home):
        if rule in (None, one.rule):
            remark(one.sentence, style="yellow")
    exit_unless_sent(delivery)
