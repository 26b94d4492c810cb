"""``query explain``."""

from __future__ import annotations

import typer

from fengping.cli.options import AsJson
from fengping.cli.query import Text, show_words, words
from fengping.cli.terminal import open_home, write_json
from fengping.clock import now
from fengping.services import queries


def explain(context: typer.Context, text: Text, as_json: AsJson = False) -> None:
    """Says in words how a query is understood."""
    understood = queries.understand(open_home(context), text, now())
    if as_json:
        write_json(words(understood))
    else:
        show_words(understood)
