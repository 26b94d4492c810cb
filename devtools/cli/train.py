"""``train``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from devtools.training.gather import gather
from devtools.training.run import Trained, train_on
from fengping.analysis.polarity.model import dump
from fengping.cli.options import AsJson
from fengping.cli.terminal import remark, write_json, write_table
from fengping.clock import day_of, now
from fengping.errors import UsageError


def train(
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Folder or file of labelled texts: CSV, JSON Lines, .gz. Repeatable."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The model file to write.")],
    crossed: Annotated[
        bool, typer.Option("--cross-validate", help="Leave each set out in turn and print the table.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Trains the polarity model on labelled texts."""
    if not out.absolute().parent.is_dir():
        raise UsageError(f"The folder of {out} does not exist.", remedy="Make it first.")
    trained = train_on(gather(data), day_of(now()), remark, crossed=crossed)
    out.write_bytes(dump(trained.model))
    _print(trained, as_json)
    remark(f"{out} is written.")


def _print(trained: Trained, as_json: bool) -> None:
    sets = trained.model.about["sets"]
    if as_json:
        write_json({"sets": sets, "left_out": [asdict(row) for row in trained.left_out]})
        return
    columns = ("name", "register", "texts", "neg", "neu", "pos", "relevant", "hash")
    write_table(columns, [[row[column] for column in columns] for row in sets], title="Trained on")
    if trained.left_out:
        rows = [(r.name, r.n, f"{r.accuracy:.4f}", f"{r.balanced:.4f}") for r in trained.left_out]
        mean = sum(r.accuracy for r in trained.left_out) / len(trained.left_out)
        even = sum(r.balanced for r in trained.left_out) / len(trained.left_out)
        rows.append(("mean", sum(r.n for r in trained.left_out), f"{mean:.4f}", f"{even:.4f}"))
        write_table(("left out", "texts", "accuracy", "balanced"), rows, title="Sets left out in turn")
