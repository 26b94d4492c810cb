"""``golden write``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import typer

from devtools.cli.golden import Subjects, known


def write(subjects: Subjects = None) -> None:
    """Keeps the outputs of now, and prints the difference from those kept before."""
    from devtools.golden import Homes, sets

    with tempfile.TemporaryDirectory(prefix="fengping-golden-") as folder:
        for difference in sets.write(Homes(Path(folder)), known(subjects)):
            typer.echo(difference)
