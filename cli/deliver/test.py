"""``deliver test``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fengping.cli.deliver import place
from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.delivery import send_test


def test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A channel, recipient or route of delivery.toml.")],
) -> None:
    """Sends a test message at once and says what the other side answered; exit 1 unless all accepted."""
    told = send_test(open_home(context), name, now(), screen=sys.stdout)
    for channel, address, verdict in told:
        style = "green" if verdict.accepted else "red"
        remark(f"{place(channel, address)}: {verdict.outcome}: {verdict.reply}", style=style)
    if not all(verdict.accepted for _, _, verdict in told):
        raise typer.Exit(1)
