"""``bench``."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from devtools import bench as benches
from devtools.cli import Data
from fengping.cli.options import AsJson
from fengping.cli.terminal import write_json, write_table
from fengping.errors import UsageError, did_you_mean


def bench(
    part: Annotated[str, typer.Argument(help="sentiment, polarity, index, search, …")],
    size: Annotated[int, typer.Option("--size", min=0, help="Documents or pages; 0: the part's own.")] = 0,
    store: Annotated[str, typer.Option("--store", help="Store URL, e.g. elasticsearch+http://…")] = "",
    hours: Annotated[float, typer.Option("--hours", min=0, help="Time that faults goes on for.")] = 0,
    journal: Annotated[str, typer.Option("--journal", help="Journal URL, for the deployment.")] = "",
    state: Annotated[str, typer.Option("--state", help="State URL, for the deployment.")] = "",
    frontier: Annotated[str, typer.Option("--frontier", help="Redis URL, for the deployment's kills.")] = "",
    kills: Annotated[int, typer.Option("--kills", min=0, help="Runs with kills, of the deployment.")] = 0,
    pages: Annotated[
        bool,
        typer.Option(
            "--pages",
            help="Of serve: whole pages instead of answers of the API; of report: a PDF of over 190 pages.",
        ),
    ] = False,
    node: Annotated[
        str, typer.Option("--node", help="Command of a node on {port} with data in {folder}, for outages.")
    ] = "",
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            help="An existing home: of report the facts by group, of alerts the back-test, "
            "of serve the pages, of window all from the index on.",
        ),
    ] = None,
    beside: Annotated[
        Path | None, typer.Option("--beside", help="Of chain: another checkout with a .venv, in turns.")
    ] = None,
    data: Data = Path("../shared/data"),
    as_json: AsJson = False,
) -> None:
    """Measures speed and memory, side by side with what it is compared to."""
    if part not in benches.PARTS:
        raise UsageError(f"Unknown bench {part!r}.", remedy=did_you_mean(part, benches.PARTS))
    module = importlib.import_module(f"devtools.bench.{part}")
    options = benches.Options(
        size, store, data, hours, journal=journal, state=state, frontier=frontier, kills=kills, node=node,
        pages=pages, home=home, beside=beside,
    )  # fmt: skip
    rows = module.run(options)
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
