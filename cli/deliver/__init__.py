"""Commands of ``deliver``."""

from __future__ import annotations

import sys
from datetime import datetime

import typer

from fengping.cli.terminal import remark
from fengping.delivery import Counts, Outbox, deliver_due
from fengping.home import Home


def place(channel: str, address: str) -> str:
    """A channel and an address within it, as it is written in ``delivery.toml``."""
    return f"{channel}:{address}" if address else channel


def send(home: Home, now: datetime) -> None:
    """Sends what is due and tells the outcome; exit 1 when something was not accepted."""
    counts = deliver_due(home, now, within=60, screen=sys.stdout)
    remark(f"{counts.accepted} accepted, {counts.failed} not, {counts.waiting} waiting, {counts.dead} dead.")
    if left := Outbox.open(home).count(now)["dead"] - counts.dead:
        remark(f"{left} more were given up before: fengping deliver log --dead", style="yellow")
    exit_unless_sent(counts)


def exit_unless_sent(counts: Counts) -> None:
    """Tells what a channel did not take; exit 1 where anything waits for that."""
    for note in counts.notes:
        remark(note, style="yellow")
    if said := [*counts.sentences, *counts.resting]:
        remark("\n".join(said), style="red")
        raise typer.Exit(1)
