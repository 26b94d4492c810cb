"""Probabilities that come true: a factor for each register's log odds, fitted on held-out texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from fengping.analysis.polarity.model import (
    REGISTERS,
    Calibration,
    PolarityModel,
    decide,
    register_probabilities,
)
from fengping.training.sets import REVIEW, TOPIC, LabelledSet

BINS = 10


def calibrate(model: PolarityModel, labels: Sequence[LabelledSet], kept: Any) -> Calibration:
    """The factors and shifts under which *model* is least surprised by the rows *kept* out of training."""
    negative, neutral = list(Calibration().negative), list(Calibration().neutral)
    where = np.split(kept, np.cumsum([len(x.texts) for x in labels])[:-1])
    relevance: list[tuple[Any, Any]] = []
    for register in range(len(REGISTERS)):
        parts = []
        for labelled, mask in zip(labels, where, strict=True):
            if labelled.register == register and mask.any():
                held = labelled.take(mask)
                z = model.logits(held.texts)
                relevance.append((z[:, 5], held.relevant))
                if labelled.graded or register == REVIEW:
                    parts.append((z, held.polarity, held.certainty))
        if parts:
            z, polarity, certainty = (np.concatenate(column) for column in zip(*parts, strict=True))
            weights = _weights(polarity, certainty, register)
            negative[register], neutral[register] = _fit_register(z, polarity, weights, register)
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
    return shape(minimize(surprise, begin, method="Nelder-Mead", options={"maxiter": 600}).x)


def _fit_relevance(parts: Sequence[tuple[Any, Any]]) -> tuple[float, float]:
    z = np.concatenate([z[relevant >= 0] for z, relevant in parts]) if parts else np.zeros(0)
    relevant = np.concatenate([r[r >= 0] for _, r in parts]) if parts else np.zeros(0)
    if len(np.unique(relevant)) < 2:
        return 1.0, 0.0

    def surprise(x: Any) -> float:
        p = 1 / (1 + np.exp(-(z * x[0] + x[1])))
        return float(-np.log(np.maximum(np.where(relevant == 1, p, 1 - p), 1e-6)).mean())

    found = minimize(surprise, [1.0, 0.0], method="Nelder-Mead").x
    return float(found[0]), float(found[1])


def calibration_error(probability: Any, happened: Any) -> float:
    """Expected calibration error: mean gap of promise and outcome over ten bins of equal width, by size.

    As in Naeini, Cooper, Hauskrecht: Obtaining well calibrated probabilities using Bayesian binning (2015).
    """
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)
    gaps = 0.0
    for b in range(BINS):
        inside = bins == b
        if inside.any():
            gaps += abs(probability[inside].mean() - happened[inside].mean()) * inside.mean()
    return gaps


def verdicts(model: PolarityModel, texts: Sequence[str]) -> Any:
    return decide(model.logits(texts), model.calibration)
