"""``train``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now
from fengping.services.train import train as fit


def train(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; polarity.npz of the home without it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fits the polarity model to this home's corrections."""
    home = open_home(context)
    out = out or home.root / "polarity.npz"
    fitted = fit(home, out, now())
    if as_json:
        write_json(asdict(fitted))
    else:
        write_table(
            ("left out", "corrections", "agreed before", "agrees now"),
            [(gain.field, gain.n, gain.before, gain.after) for gain in fitted.left_out],
            title=f"Learnt from {fitted.learnt:,} corrected documents",
        )
    if not fitted.drawn:
        remark(
            "All of these were sought out, so the table does not show what is lost where the model "
            "was right. Answer documents of fengping correct queue to measure that."
        )
    remark(f"Of {fitted.others:,} documents that nobody corrected, {fitted.changed:,} change their polarity.")
    remark(f"{out} is written. To use it, name it in fengping.toml as analysis.polarity_model, then reindex.")
