"""Heads fitted to corrections, on texts that they learnt nothing of.

Of three thirds of the measuring texts one is corrected, one is what nobody corrected and one measures, in
turn. Once every text of the first is answered, once only those that are judged wrong, as people do. Once the
answers are by the guide that the heads learnt by, once the earlier labels, which draw other lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from devtools.evaluation import data_hash
from devtools.evaluation.labels import LABELS, measuring
from devtools.evaluation.reading_rows import labelled, loaded
from devtools.labelling import store
from fengping.analysis import Judge
from fengping.analysis.figures import Figure
from fengping.analysis.reading.fitting import FIELDS, answers, fitted, row
from fengping.analysis.reading.terms import POLARITIES
from fengping.config import AnalysisConfig

PARTS = 3
Told = tuple[str, dict[str, dict[str, int]]]
"""A text, and of each field what is right of it; of ``accused`` for each party."""


def measure(data: Path) -> list[Figure]:
    """Shares of answers that are right; none where the texts are not there."""
    guide = [
        (text.content, _whole(said) | {
            "accused": {text.content[one.start : one.end]: int("A" in one.roles) for one in said.parties}
        })
        for text, said in labelled(data)
    ]  # fmt: skip
    earlier = [(read.content, _whole(read.labels)) for read in measuring(data)]
    return [
        *_figures("corrections", guide, data_hash(store.FOLDER / "labels.tsv")),
        *_figures("corrections.earlier", earlier, data_hash(LABELS)),
    ]


def _whole(said: object) -> dict[str, dict[str, int]]:
    named = {name: {"": int(getattr(said, name))} for name in ("relevant", "consumer")}
    return named | {"polarity": {"": POLARITIES.index(getattr(said, "polarity"))}}  # noqa: B009


def _figures(prefix: str, told: Sequence[Told], digest: str) -> Iterator[Figure]:
    reader, lexicon = loaded(), Judge.load(AnalysisConfig()).lexicon
    contents = [content for content, _ in told]
    mentions = [lexicon.scan(content).mentions for content in contents]
    found = reader.inputs(contents, mentions, [list(said.get("accused", ())) for _, said in told])
    drawn = np.random.default_rng(1).permutation(len(told)) % PARTS
    for field in FIELDS:
        rows = [
            (row(field, reader.heads, inputs, party), right, part)
            for (_, said), inputs, part in zip(told, found, drawn, strict=True)
            for party, right in said.get(field, {}).items()
            if len(inputs.whole) and party in (*inputs.parties, "")
        ]
        if not rows:
            continue
        x, right, parts = (np.array(column) for column in zip(*rows, strict=True))
        ships = FIELDS[field].of(reader.heads)
        shipped = answers(field, ships, x) == right
        after = {"shipped": shipped, "fitted": shipped.copy(), "fitted-to-mistakes": shipped.copy()}
        for part in range(PARTS):
            left, kept = parts == (part + 2) % PARTS, parts == (part + 1) % PARTS
            for name, wrong in (("fitted", np.ones_like(shipped)), ("fitted-to-mistakes", ~shipped)):
                taught = (parts == part) & wrong
                answered = np.where(taught, right, -1)[taught | kept]
                weights = fitted(field, ships, x[taught | kept], answered)
                after[name][left] = answers(field, weights, x[left]) == right[left]
        for name, same in after.items():
            yield Figure(f"{prefix}.{name}.{field}", float(same.mean()), len(same), data=digest)
