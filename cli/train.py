"""``train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, write_json, write_table

if TYPE_CHECKING:
    from fengping.analysis.training.run import Trained


@app.command()
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
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of tables.")] = False,
) -> None:
    """Trains the polarity model; name it in the configuration as analysis.polarity_model."""
    from fengping.analysis.polarity.model import dump
    from fengping.analysis.training.gather import gather
    from fengping.analysis.training.run import train_on
    from fengping.clock import day_of, now
    from fengping.errors import UsageError

    if not out.absolute().parent.is_dir():
        raise UsageError(f"The folder of {out} does not exist.", remedy="Make it first.")
    sets = gather(data)
    if with_corrections:
        from fengping.services.training_set import read_corrections

        corrected = read_corrections(open_home(context))
        if corrected is None:
            stderr.print("This home has no corrections of polarity or relevance.")
        else:
            sets.append(corrected)
    trained = train_on(sets, day_of(now()), lambda what: stderr.print(what), crossed=crossed)
    out.write_bytes(dump(trained.model))
    _print(trained, as_json)
    stderr.print(f"{out} is written.")


def _print(trained: Trained, as_json: bool) -> None:
    from dataclasses import asdict

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
