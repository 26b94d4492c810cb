"""``edition export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.terminal import open_home, remark
from fengping.services.edition_files import export as pack


def export(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the edition.")],
    out: Annotated[Path | None, typer.Option("--out", help="ZIP to write; NUMBER.zip by default.")] = None,
) -> None:
    """Packs an edition with manifest, signature, and verify_edition.py, which checks it without fengping."""
    target = out or Path(f"{number}.zip")
    count = pack(open_home(context), number, target)
    remark(f"{count:,} files in {target}.")
