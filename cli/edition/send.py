"""``edition send``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import open_home, stdout
from fengping.clock import now
from fengping.reports.archive import Editions
from fengping.services.edition_sending import letters
from fengping.services.edition_sending import send as hand_over


def send(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    to: Annotated[list[str] | None, typer.Option("--to", help="Channel or recipient; repeats.")] = None,
    test: Annotated[
        bool, typer.Option("--test", help="Marked as a test; any edition, state unchanged.")
    ] = False,
) -> None:
    """Sends a signed edition: PDF and DOCX attached, the digest as body."""
    home = open_home(context)
    made = hand_over(home, number, to or (), now(), test=test)
    stdout.print(
        f"{made} handed to the outbox; fengping deliver log tells what became of it.", highlight=False
    )
    if not test:
        for letter in letters(home, number):
            stdout.print(
                f"{letter.address or letter.channel}: {letter.status}", highlight=False, markup=False
            )
        stdout.print(f"{number} is {Editions(home).find(number).state.value}.", highlight=False)
