"""``train``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from fengping.cli.options import AsJson
from fengping.cli.terminal import open_home, remark, write_json, write_table
from fengping.services import train as training

ANEW = "The encoder reads all documents anew: by the job reader, or fengping rejudge --unread."


def train(
    context: typer.Context,
    undo: Annotated[bool, typer.Option("--undo", help="Let what ships hold again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fits the encoder's heads to this home's corrections."""
    home = open_home(context)
    if undo:
        training.undo(home)
        remark(f"The heads that ship hold again. {ANEW}")
        return
    fitted = training.train(home)
    if as_json:
        write_json(asdict(fitted))
    else:
        write_table(
            ("left out", "corrections", "agreed before", "agrees now", "kept"),
            [(g.field, g.n, g.before, g.after, "yes" if g.kept else "no") for g in fitted.left_out],
            title=f"Learnt from {fitted.learnt:,} corrected documents",
        )
    if not fitted.drawn:
        remark(
            "All of these were sought out, so the table does not show what is lost where the encoder "
            "was right. Answer documents of fengping correct queue to measure that."
        )
    remark(f"Of {fitted.others:,} documents that nobody corrected, {fitted.changed:,} change their polarity.")
    remark(f"{ANEW} To undo: fengping train --undo.")
