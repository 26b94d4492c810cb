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
from fengping.training.sets import REVIEW

BINS = 10


def calibrate(model: PolarityModel, sets: Sequence[Any], kept: Any) -> Calibration:
    """The factors under which *model* is least surprised by the rows *kept* out of its training."""
    negative, neutral = [1.0, 1.0, 1.0], [(0.0, -30.0), (1.0, 0.0), (1.0, 0.0)]
    labels = [s.labelled for s in sets]
    where = np.split(kept, np.cumsum([len(x.texts) for x in labels])[:-1])
    relevance: list[tuple[Any, Any]] = []
    for register in range(len(REGISTERS)):
        parts = []
        for labelled, mask in zip(labels, where, strict=True):
            if labelled.register == register and mask.any():
                held = labelled.take(mask)
                z = model.logits(held.texts)
                parts.append((z, held.polarity, held.graded, held.certainty))
                relevance.append((z[:, 5], held.relevant))
        known = [p for p in parts if p[2] or register == REVIEW]
        if known:
            negative[register], neutral[register] = _fit_register(known, register)
    return Calibration(tuple(negative), tuple(neutral), 1.0, _fit_relevance(relevance))  # type: ignore[arg-type]


def _fit_register(parts: Sequence[Any], register: int) -> tuple[float, tuple[float, float]]:
    """Least mean surprise over sets, each set counting the same."""

    def surprise(x: Any) -> float:
        neutral = (0.0, -30.0) if register == REVIEW else (x[1], x[2])
        total = 0.0
        for z, polarity, _, certainty in parts:
            known = polarity >= 0
            trial = Calibration((x[0],) * 3, (neutral,) * 3)
            p = register_probabilities(z, trial, register)[np.arange(len(z)), np.maximum(polarity, 0)]
            total += float(np.average(-np.log(np.maximum(p, 1e-6))[known], weights=certainty[known]))
        return total

    found = minimize(surprise, [1.0, 1.0, 0.0], method="Nelder-Mead", options={"maxiter": 200}).x
    if register == REVIEW:
        return float(found[0]), (0.0, -30.0)
    return float(found[0]), (float(found[1]), float(found[2]))


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
