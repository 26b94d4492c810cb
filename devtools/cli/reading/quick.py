"""``reading quick``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from devtools.cli import Data
from fengping.analysis import Lexicon
from fengping.cli.terminal import remark, write_table


def quick(
    out: Annotated[Path, typer.Option("--out", help="The .npz file to write.")],
    data: Data = Path("../shared/data"),
    seed: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Trains the quick reader on labels and on the encoder's readings, and measures it: half an hour."""
    from devtools.evaluation.acts import macro_f1
    from devtools.evaluation.labels import measuring
    from devtools.evaluation.reading import of_texts
    from devtools.evaluation.reading_rows import rows, untaught
    from devtools.quick.model import Quick
    from devtools.quick.teaching import drawn, read
    from devtools.quick.texts import known, taught
    from devtools.quick.training import train
    from fengping.analysis.figures import Figure

    lexicon = Lexicon.load()
    texts = known(data, lexicon)
    texts += taught(read(drawn(data, seed), lexicon, remark), lexicon)
    arrays = train(texts, seed, remark)
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]  # arrays, no flag
    remark(f"{out} is written.")
    reader = Quick(arrays)
    found = rows(data)
    readings = reader.read([lexicon.scan(row.text.content) for row in found])
    measured = [replace(row, reading=reading) for row, reading in zip(found, readings, strict=True)]
    acts = [(str(reader.act(lexicon.scan(read.content))), read.labels.act) for read in measuring(data)]
    figures = [
        *of_texts(measured, ""),
        *(replace(f, name=f"untaught.{f.name}") for f in of_texts(untaught(measured, data), "")),
        Figure("acts.macro-f1", macro_f1(acts), len(acts)),
    ]
    write_table(("figure", "value", "n"), [(f.name, f.shown, f.n) for f in figures])
