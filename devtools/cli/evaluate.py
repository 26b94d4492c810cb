"""``evaluate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from devtools import evaluation
from devtools.cli import Data
from fengping.cli.options import AsJson
from fengping.cli.terminal import remark, write_json, write_table


def evaluate(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="Which parts; all when none is named."),
    ] = None,
    data: Data = Path("../shared/data"),
    as_json: AsJson = False,
    pin: Annotated[bool, typer.Option("--pin", help="Write the figures as new floors.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="With --pin: let floors fall.")] = False,
) -> None:
    """Prints accuracy beside what is promised; exit 1 when a figure is under its floor."""
    measured = evaluation.measure(parts or [], data)
    figures = [figure for found in measured.values() for figure in found]
    if as_json:
        write_json([asdict(figure) for figure in figures])
    else:
        write_table(
            ("figure", "left out", "on dev", "asked", "n", "data"),
            [
                (f.name, *((f.shown, "") if f.left_out else ("", f.shown)), f.promise, f.n, f.data)
                for f in figures
            ],
        )
    if pin:
        evaluation.pin(figures, lower=lower)
    elif worse := evaluation.fallen(figures):
        remark("\n".join(worse), style="red")
        raise typer.Exit(1)
