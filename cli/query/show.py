"""``query show``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.query import Name, show_words, words
from fengping.cli.terminal import open_home, stdout, write_json
from fengping.clock import now
from fengping.services import queries


def show(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Shows a saved query as it was written and as it is understood today."""
    home = open_home(context)
    found = queries.find(home, name)
    understood = queries.understand(home, found.text, now())
    if as_json:
        write_json(found.to_record() | words(understood))
        return
    for line in filter(None, (found.text, found.note)):
        stdout.print(line, markup=False, highlight=False, soft_wrap=True)
    show_words(understood)
