"""Probabilities that come true: a factor for each register's log odds, fitted on held-out texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from fengping.analysis.polarity.model import REGISTERS, Calibration, Floats, register_probabilities
from fengping.training.sets import REVIEW, TOPIC, LabelledSet


class Judged(NamedTuple):
    """Rows of a set and what a model that had not seen them says."""

    labelled: LabelledSet
    logits: Floats


def calibrate(judged: Sequence[Judged]) -> Calibration:
    """The factors and shifts under which what was *judged* surprises least."""
    negative, neutral = list(Calibration().negative), list(Calibration().neutral)
    for register in range(len(REGISTERS)):
        mine = [
            part
            for part in judged
            if part.labelled.register == register and (part.labelled.graded or register == REVIEW)
        ]
        if mine:
            z = np.concatenate([part.logits for part in mine])
            polarity = np.concatenate([part.labelled.polarity for part in mine])
            certainty = np.concatenate([part.labelled.certainty for part in mine])
            weights = _weights(polarity, certainty, register)
            negative[register], neutral[register] = _fit_register(z, polarity, weights, register)
    relevance = [(part.logits[:, 5], part.labelled.relevant) for part in judged]
    return Calibration(tuple(negative), tuple(neutral), 1.0, _fit_relevance(relevance))


def _weights(polarity: Any, certainty: Any, register: int) -> Any:
    """Topics count as often as they come: those to be judged come alike. How often posts and reviews are
    negative depends on who collected them, so there each polarity counts the same."""
    weights = np.where(polarity >= 0, certainty, 0)
    if register != TOPIC:
        for code in range(3):
            mine = polarity == code
            weights[mine] /= max(weights[mine].sum(), 1)
    return weights / max(weights.sum(), 1e-9)


def _fit_register(
    z: Any, polarity: Any, weights: Any, register: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Factor and shift of negative, and of neutral, with the least mean surprise."""

    def shape(x: Any) -> tuple[tuple[float, float], tuple[float, float]]:
        neutral = (0.0, -30.0) if register == REVIEW else (float(x[2]), float(x[3]))
        return (float(x[0]), float(x[1])), neutral

    def surprise(x: Any) -> float:
        negative, neutral = shape(x)
        trial = Calibration((negative,) * 3, (neutral,) * 3)
        p = register_probabilities(z, trial, register)[np.arange(len(z)), np.maximum(polarity, 0)]
        return -float((np.log(np.maximum(p, 1e-6)) * weights).sum())

    begin = [1.0, 0.0] if register == REVIEW else [1.0, 0.0, 1.0, 0.0]
    return shape(minimize(surprise, begin, method="L-BFGS-B").x)


def _fit_relevance(parts: Sequence[tuple[Any, Any]]) -> tuple[float, float]:
    z = np.concatenate([z[relevant >= 0] for z, relevant in parts]) if parts else np.zeros(0)
    relevant = np.concatenate([r[r >= 0] for _, r in parts]) if parts else np.zeros(0)
    if len(np.unique(relevant)) < 2:
        return 1.0, 0.0

    def surprise(x: Any) -> float:
        p = 1 / (1 + np.exp(-(z * x[0] + x[1])))
        return float(-np.log(np.maximum(np.where(relevant == 1, p, 1 - p), 1e-6)).mean())

    found = minimize(surprise, [1.0, 0.0], method="L-BFGS-B").x
    return float(found[0]), float(found[1])
