"""Commands of ``evidence``."""

from __future__ import annotations

from typing import Annotated

import typer

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of documents or of events.")]
OptionalIds = Annotated[
    list[str] | None, typer.Argument(metavar="[ID…]", help="Ids of documents or of events.")
]
