"""``deliver retry``."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from fengping import delivery
from fengping.cli.deliver import send
from fengping.cli.terminal import open_home, remark
from fengping.clock import now
from fengping.delivery.closing import SEALED
from fengping.errors import UsageError


def retry(
    context: typer.Context,
    letters: Annotated[list[int] | None, typer.Argument(help="Numbers from `deliver log --dead`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    channel: Annotated[str | None, typer.Option("--channel", help="With --all: of this channel.")] = None,
) -> None:
    """Takes dead letters up again, and sends them at once; exit 1 when one is refused again."""
    home = open_home(context)
    if bool(letters) == every or (channel and not every):
        raise UsageError("Name letters by number, or give --all.", remedy="See: fengping deliver log --dead")
    dead = [one for one in delivery.Outbox.open(home).dead() if one.reply != SEALED] if every else []
    numbers = letters or [letter.id for letter in dead if channel in (None, letter.channel)]
    moment = now()
    refused: list[UsageError] = []
    for number in numbers:
        try:
            delivery.retry(home, number, moment)
        except UsageError as error:
            refused.append(error)
    if refused and len(numbers) == 1:
        raise refused[0]
    for said, count in Counter(map(str, refused)).items():
        remark(f"{count:,} letters: {said}" if count > 1 else said, style="red")
    if not refused or len(refused) < len(numbers):
        send(home, moment)
    if refused:
        raise typer.Exit(1)
