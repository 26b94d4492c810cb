"""``query save``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.query import Name, Text, show_words
from fengping.cli.terminal import open_home
from fengping.clock import now
from fengping.services import queries


def save(
    context: typer.Context,
    name: Name,
    text: Text,
    note: Annotated[str, typer.Option("--note", help="A remark for colleagues.")] = "",
) -> None:
    """Keeps a query under a name, in the place of an earlier one."""
    show_words(queries.save(open_home(context), name, text, now(), note))
