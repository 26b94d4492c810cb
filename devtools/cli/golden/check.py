"""``golden check``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from devtools.cli.golden import Subjects, known


def check(subjects: Subjects = None) -> None:
    """Compares the outputs of now with those that are kept; exit 1 where any differ."""
    from devtools.golden import Homes, sets

    with tempfile.TemporaryDirectory(prefix="fengping-golden-") as folder:
        found = 0
        for difference in sets.check(Homes(Path(folder)), known(subjects)):
            typer.echo(difference)
            found += 1
    if found:
        typer.echo(f"Subjects that differ: {found}. If meant: python -m devtools golden write", err=True)
        raise typer.Exit(1)
