"""The learnt weights, and the log odds that two documents are about one happening."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.reposts import compare as reposts
from fengping.events.matching import kernel
from fengping.events.matching.kernel import FEATURES, Array
from fengping.events.matching.sketch import Told, sketches
from fengping.toml import Strict, load_toml

WEIGHTS = Path(__file__).with_name("weights.toml")
LINKED = 0.65
"""Log odds from which two documents are linked: among all documents of a home strangers are more than among
the pairs that were read, and an event goes on from link to link. Chosen on built events; docs/events.md."""


class WeightFile(Strict):
    """``weights.toml``, written by ``python -m devtools.evaluation.events``."""

    version: int
    intercept: float
    threshold: float
    """Log odds from which a pair is taken for one happening."""
    weights: dict[str, float]


@cache
def learnt() -> WeightFile:
    """The weights that ship."""
    return load_toml(WeightFile, WEIGHTS)


@cache
def learnt_array() -> NDArray[np.float64]:
    """The weights in the order of the features, the intercept last."""
    file = learnt()
    return np.array([*(file.weights[name] for name in FEATURES), file.intercept])


def pair_features(pairs: Sequence[tuple[Told, Told]]) -> Array:
    """(n, features) what is measured of each pair."""
    left, right = sketches([a for a, _ in pairs]), sketches([b for _, b in pairs])
    of_left, of_right = _sums(left), _sums(right)
    found = np.zeros((len(pairs), len(FEATURES)))
    for at in range(len(pairs)):
        kernel.features(
            left[at], right[at], of_left[at], of_right[at], reposts.rarity(), learnt_array(), kernel.FAR,
            found[at],
        )  # fmt: skip
    return found


def log_odds(a: Told, b: Told, enough: float = kernel.FAR) -> float:
    """Log odds that *a* and *b* are about one happening; symmetric.

    Where they are sure to lie under *enough*, :data:`~.kernel.FAR` may stand for them.
    """
    left, right = both = sketches([a, b])
    of_left, of_right = _sums(both)
    room = np.zeros(len(FEATURES))
    odds = kernel.score(left, right, of_left, of_right, reposts.rarity(), learnt_array(), enough, room)
    return float(odds)


def _sums(sketched: Array) -> Array:
    sums = np.zeros((len(sketched), kernel.SUMS))
    kernel.sums_of(sketched, reposts.rarity(), 0, len(sketched), sums)
    return sums
