"""Commands of ``query``."""

from __future__ import annotations

from typing import Annotated

import typer

from fengping.cli.terminal import stdout
from fengping.services.queries import Understood

Name = Annotated[str, typer.Argument(help="The query's name.")]
Text = Annotated[str, typer.Argument(metavar="QUERY", help="What to look for. See docs/queries.md.")]


def words(understood: Understood) -> dict[str, str]:
    """The meaning of a query as JSON."""
    return {"written": understood.written, "zh": understood.chinese, "en": understood.english}


def show_words(understood: Understood) -> None:
    """Prints the meaning of a query."""
    for line in (understood.chinese, understood.english):
        stdout.print(line, markup=False, highlight=False, soft_wrap=True)
