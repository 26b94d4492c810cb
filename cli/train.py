"""``train``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from fengping.analysis.training.run import Trained
from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.clock import now
from fengping.progress import Record, Remark
from fengping.services.train import Lesson
from fengping.services.train import train as train_model


def train(
    context: typer.Context,
    data: Annotated[
        list[Path],
        typer.Option("--data", help="Folder or file of labelled texts: CSV, JSON Lines, .gz. Repeatable."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The model file to write.")],
    with_corrections: Annotated[
        bool, typer.Option("--with-corrections", help="Learn from this home's corrections too.")
    ] = False,
    crossed: Annotated[
        bool, typer.Option("--cross-validate", help="Leave each set out in turn and print the table.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Trains the polarity model; name it in the configuration as analysis.polarity_model."""
    lesson = Lesson(data, open_home(context) if with_corrections else None, crossed)
    _print(train_model(lesson, out, now(), show=_tell), as_json)
    remark(f"{out} is written.")


def _tell(record: Record) -> None:
    if isinstance(record, Remark):
        remark(record.text)


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
