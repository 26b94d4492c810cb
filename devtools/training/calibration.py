"""A relevance that comes true: factor and shift of its log odds, fitted on texts the model did not see.

Polarity is learned by cross-entropy on sets that count alike and needs none: factors fitted on parts of the
training sets made sets that were left out whole worse (docs/measurements/judgement.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from devtools.training.sets import LabelledSet
from fengping.analysis.polarity.verdicts import Calibration

Pair = tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]
"""Log odds and labels of the same rows."""


class Judged(NamedTuple):
    """Texts that a model did not learn from, and what its heads say of them."""

    z: npt.NDArray[np.float32]
    labelled: LabelledSet


def calibrate(judged: Sequence[Judged]) -> Calibration:
    """Factors and shifts under which the labels of relevance and of consumer matters surprise least."""
    none: Pair = np.zeros(0, np.float32), np.zeros(0, np.int8)
    relevant, consumer = [none], [none]
    for z, labelled in judged:
        relevant.append((z[:, 5], labelled.relevant))
        if labelled.consumer is not None:
            consumer.append((z[:, 8], labelled.consumer))
    found = [
        _scaled(*(np.concatenate(column) for column in zip(*pairs, strict=True)))
        for pairs in (relevant, consumer)
    ]
    return Calibration(relevant=found[0], consumer=found[1])


def _scaled(odds: npt.NDArray[np.floating], said: npt.NDArray[np.int8]) -> tuple[float, float]:
    """Factor and shift of log *odds* that fit labels best; as they are where only one label is given."""
    odds, said = odds[said >= 0], said[said >= 0]
    if len(np.unique(said)) < 2:
        return 1.0, 0.0
    signed = np.where(said == 1, -odds, odds).astype(np.float64)
    side = np.where(said == 1, -1.0, 1.0)

    def surprise(x: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, signed * x[0] + side * x[1]).mean())

    factor, shift = minimize(surprise, [1.0, 0.0], method="L-BFGS-B").x
    return float(factor), float(shift)
