"""``evaluate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fengping.analysis.figures import Figure
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.errors import UsageError
from fengping.home import Home
from fengping.lab import evaluation
from fengping.lab.cli import Data
from fengping.services import accuracy


def evaluate(
    context: typer.Context,
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="Which parts; all when none is named. corrections: of the home, alone."),
    ] = None,
    data: Data = Path("../shared/data"),
    as_json: AsJson = False,
    pin: Annotated[bool, typer.Option("--pin", help="Write the figures as new floors.")] = False,
    lower: Annotated[bool, typer.Option("--lower", help="With --pin: let floors fall.")] = False,
) -> None:
    """Prints accuracy beside what is promised; exit 1 when a figure is under its floor."""
    if evaluation.CORRECTIONS in (parts or []):
        if parts != [evaluation.CORRECTIONS] or pin:
            raise UsageError(
                "Corrections are a home's own data: they are evaluated alone and never pinned.",
                remedy="fengping --home DIR evaluate corrections",
            )
        figures = _of_corrections(open_home(context))
    else:
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


def _of_corrections(home: Home) -> list[Figure]:
    """Figures of the home's corrections, which are no floor of the product."""
    figures = accuracy.measure_home(home)
    if accuracy.has_learnt(home):
        remark("This home's model has learnt from corrections: agreement with those is memory.")
    return figures
