"""Commands of ``hosts``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

Texts = Annotated[
    Path | None,
    typer.Option(
        "--file", help="JSON Lines or CSV with a column text (also .gz), instead of the home's store."
    ),
]


def counted(counts: Mapping[str, int]) -> str:
    """A line for each value, the most frequent first."""
    return "\n".join(f"{value} {count}" for value, count in sorted(counts.items(), key=lambda r: -r[1]))
