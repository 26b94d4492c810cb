"""The model fitted to corrections, on texts that it learnt nothing of.

Of three thirds of the measuring texts one is corrected, one is what nobody corrected and one measures, in
turn. Once every text of the first is answered, once only those whose polarity is wrong, as people do.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from devtools.evaluation import data_hash
from devtools.evaluation.labels import LABELS, measuring
from fengping.analysis import PolarityModel
from fengping.analysis.figures import Figure
from fengping.analysis.polarity import CODES
from fengping.analysis.polarity.adapting import Taught, adapt

PARTS = 3


def measure(data: Path) -> list[Figure]:
    """Shares of texts whose polarity is right; none where the texts are not there."""
    reads = measuring(data)
    if not reads:
        return []
    codes = [code.value for code in CODES]
    told = Taught(
        [read.content for read in reads],
        np.array([read.source_kind for read in reads], np.int64),
        np.array([codes.index(read.labels.polarity) for read in reads], np.int8),
        np.array([read.labels.relevant for read in reads], np.int8),
        np.array([read.labels.consumer for read in reads], np.int8),
    )
    parts = np.random.default_rng(1).permutation(len(reads)) % PARTS
    shipped = PolarityModel.load()
    right = shipped.predict(told.texts, told.kinds).polarity == told.polarity
    found = {"shipped": right, "fitted": right.copy(), "fitted-to-mistakes": right.copy()}
    for part in range(PARTS):
        others = told.take(parts == (part + 1) % PARTS)
        nothing = np.full(len(others.texts), -1, np.int8)
        others = others._replace(polarity=nothing, relevant=nothing, consumer=nothing)
        left = told.take(parts == (part + 2) % PARTS)
        for name, corrected in (("fitted", parts == part), ("fitted-to-mistakes", (parts == part) & ~right)):
            verdicts = adapt(shipped, told.take(corrected), others).predict(left.texts, left.kinds)
            found[name][parts == (part + 2) % PARTS] = verdicts.polarity == left.polarity
    digest = data_hash(LABELS)
    return [
        Figure(f"corrections.{name}.polarity", float(same.mean()), len(same), data=digest)
        for name, same in found.items()
    ]
