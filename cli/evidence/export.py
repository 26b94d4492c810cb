"""``evidence export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.evidence import Ids
from fengping.cli.terminal import open_home, remark
from fengping.services import evidence


def export(
    context: typer.Context,
    ids: Ids,
    out: Annotated[Path, typer.Option("--out", help="ZIP to write.")] = Path("evidence.zip"),
) -> None:
    """Packs what is kept with the manifest and how to check it without fengping."""
    count = evidence.export(open_home(context), ids, out)
    remark(f"{count:,} files in {out}.")
