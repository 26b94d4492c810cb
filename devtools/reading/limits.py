"""Limits of each claim, chosen on texts that taught nothing.

To search and count by: where F1 is best; of polarity, where as many are counted as there are. To print by:
the lowest probability above which the claim is right in 98 of 100 and in at least thirty.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

SURE = 0.98
FEWEST = 30
COUNTED = ("negative", "positive")
NEVER = 1.01
"""The limit of a claim that is never sure enough to print."""
Scored = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]
"""Probability of each claim, and whether it is right."""


def to_search(name: str, scored: Scored) -> float:
    """The limit from which the claim *name* is searched and counted."""
    values, hits, counts, ends = _ordered(scored)
    there = scored[1].sum()
    if not len(ends):
        return NEVER
    if name in COUNTED:
        best = ends[np.abs(counts[ends] - there).argmin()]
    else:
        best = ends[(2 * hits[ends] / (counts[ends] + there)).argmax()]
    return round(float(values[best]), 3)


def to_say(scored: Scored) -> float:
    """The limit from which a claim is printed."""
    values, hits, counts, ends = _ordered(scored)
    sure = ends[(hits[ends] >= SURE * counts[ends]) & (counts[ends] >= FEWEST)]
    return round(float(values[sure.max()]), 3) if len(sure) else NEVER


def _ordered(scored: Scored) -> tuple[npt.NDArray[Any], ...]:
    """Probabilities from the highest, right ones and all up to each, and where a limit may lie: between two
    different values."""
    scores, right = scored
    order = np.argsort(-scores, kind="stable")
    values = scores[order]
    ends = np.flatnonzero(np.append(values[1:] < values[:-1], True) & (values > 0))
    return values, np.cumsum(right[order]), np.arange(1, len(values) + 1), ends
