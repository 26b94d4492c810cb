"""``edition edit``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.edition.printing import line, record, tell_untraced
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.clock import now
from fengping.reports.archive import Action
from fengping.services.edition import edit as change


def edit(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the draft.")],
    action: Annotated[Action, typer.Argument(help="strike, reword or add.")],
    target: Annotated[str, typer.Argument(help="Key of a sentence, case:EVENT or fact:ID.")],
    by: Annotated[str, typer.Option("--by", help="Who changes it.")],
    text: Annotated[str, typer.Option("--text", help="The new words.")] = "",
    as_drafted: Annotated[
        bool, typer.Option("--as-drafted", help="Also where documents have changed since.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout.")] = False,
) -> None:
    """Strikes, rewords or adds a sentence; the change holds in later editions of the same report."""
    home = open_home(context)
    changed = change(home, number, action, target, text, by, now(), as_drafted=as_drafted)
    tell_untraced(home, number)
    if as_json:
        write_json(record(changed))
    else:
        stdout.print(line(changed), highlight=False, soft_wrap=True)
