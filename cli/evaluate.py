"""``evaluate`` and ``bench``."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table

if TYPE_CHECKING:
    from fengping.analysis.figures import Figure

Data = Annotated[
    Path, typer.Option("--data", envvar="FENGPING_DATA", help="Folder of labelled measuring data.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]


@app.command()
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
    from fengping.lab import evaluation

    if evaluation.CORRECTIONS in (parts or []):
        figures = _of_corrections(context, alone=parts == [evaluation.CORRECTIONS] and not pin)
    else:
        measured = evaluation.measure(parts or [], data)
        figures = [figure for found in measured.values() for figure in found]
    if as_json:
        write_json([asdict(figure) for figure in figures])
    else:
        write_table(
            ("figure", "value", "asked", "n", "data"),
            [(f.name, f"{f.value:.4f}", f.promise, f.n, f.data) for f in figures],
        )
    if pin:
        evaluation.pin(figures, lower=lower)
    elif worse := evaluation.fallen(figures):
        stderr.print("\n".join(worse), style="red")
        raise typer.Exit(1)


def _of_corrections(context: typer.Context, *, alone: bool) -> list[Figure]:
    """Figures of the home's corrections, which are no floor of the product."""
    from fengping.errors import UsageError
    from fengping.services import accuracy as corrections

    if not alone:
        raise UsageError(
            "Corrections are a home's own data: they are evaluated alone and never pinned.",
            remedy="fengping --home DIR evaluate corrections",
        )
    home = open_home(context)
    figures = corrections.measure_home(home)
    if corrections.has_learnt(home):
        stderr.print("This home's model has learnt from corrections: agreement with those is memory.")
    return figures


@app.command()
def bench(
    part: Annotated[str, typer.Argument(help="sentiment, polarity, index, search, …")],
    size: Annotated[int, typer.Option("--size", min=0, help="Documents or pages; 0: the part's own.")] = 0,
    store: Annotated[str, typer.Option("--store", help="Store URL, e.g. elasticsearch+http://…")] = "",
    data: Data = Path("../shared/data"),
    as_json: AsJson = False,
) -> None:
    """Measures speed and memory, side by side with what it is compared to."""
    from fengping.errors import UsageError, did_you_mean
    from fengping.lab import bench as benches

    if part not in benches.PARTS:
        raise UsageError(f"Unknown bench {part!r}.", remedy=did_you_mean(part, benches.PARTS))
    module = importlib.import_module(f"fengping.lab.bench.{part}")
    rows = module.run(benches.Options(size=size, store=store, data=data))
    if as_json:
        write_json({"machine": benches.machine(), "rows": [asdict(row) for row in rows]})
        return
    write_table(
        ("measured", "value", "unit", "n", "ratio", "beside"),
        [
            (r.what, f"{r.value:,.1f}", r.unit, r.n, "" if r.ratio is None else f"{r.ratio:,.1f} ×", r.beside)
            for r in rows
        ],
        title=benches.machine(),
    )
