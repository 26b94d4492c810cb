"""Commands over development data; the command line knows them by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path, typer.Option("--data", envvar="FENGPING_DATA", help="Folder of labelled measuring data.")
]
