"""A relevance that comes true: factor and shift of its log odds, fitted on texts the model did not see.

Polarity is learned by cross-entropy on sets that count alike and needs none: factors fitted on parts of the
training sets made sets that were left out whole worse (docs/judgement.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from fengping.analysis.polarity.model import Calibration


class Judged(NamedTuple):
    """Out-of-fold results for texts: log odds of relevance, and the label or -1."""

    odds: npt.NDArray[np.float32]
    relevant: npt.NDArray[np.int8]


def calibrate(judged: Sequence[Judged]) -> Calibration:
    """Factor and shift under which what was *judged* surprises least."""
    odds = np.concatenate([part.odds[part.relevant >= 0] for part in judged])
    relevant = np.concatenate([part.relevant[part.relevant >= 0] for part in judged])
    if len(np.unique(relevant)) < 2:
        return Calibration()
    signed = np.where(relevant == 1, -odds, odds).astype(np.float64)
    side = np.where(relevant == 1, -1.0, 1.0)

    def surprise(x: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, signed * x[0] + side * x[1]).mean())

    factor, shift = minimize(surprise, [1.0, 0.0], method="L-BFGS-B").x
    return Calibration(relevant=(float(factor), float(shift)))
