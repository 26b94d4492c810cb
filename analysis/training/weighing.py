"""Fitting the weights of a verdict: which part of a text counts how much in which kind of source.

Logistic regression on what models say of texts that they did not learn from. Weights of a kind are common
ones and a deviation from them, which is held small: a kind with few labels leans on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from fengping.analysis.polarity.model import PolarityModel, resembled
from fengping.analysis.polarity.parts import SourceKind
from fengping.analysis.polarity.weighing import FEATURES, OUTPUTS, WEIGHED, Floats, Weighing, no_weighing
from fengping.analysis.training.sets import REVIEW, UNKNOWN, LabelledSet

COMMON, OWN = 0.5, 4.0
"""Penalties of the squares of common weights and of a kind's own deviations."""
LARGEST = 250.0
"""Rows that a set without a told kind counts as at most: its neutral may be another than a monitor's."""
SURELY = 0.8
"""Weight of rows drawn for doubt."""
FEWEST = 100
"""Fairly drawn rows from which a kind's shares are known well enough to lean on."""
STEPS = 60


class Held(NamedTuple):
    """Rows of one set, read by a model that had not learned them."""

    found: Floats
    """(n, FEATURES)"""
    kinds: npt.NDArray[np.int64]
    polarity: npt.NDArray[np.int8]
    relevant: npt.NDArray[np.int8]
    consumer: npt.NDArray[np.int8]
    weight: Floats
    fair: npt.NDArray[np.bool_]


def held_rows(model: PolarityModel, labelled: LabelledSet) -> list[Held]:
    """*labelled* as *model* reads it; nothing of reviews, which lack neutral, nor of what nobody read."""
    if labelled.register == REVIEW or not labelled.graded or not labelled.read:
        return []
    kinds: SourceKind | npt.NDArray[np.int64]
    if labelled.kind is None:
        kinds = resembled(_register(labelled), labelled.texts)
    else:
        kinds = labelled.kind
    found, resolved = model.weigh_features(labelled.texts, kinds)
    n = len(labelled.texts)
    whole = 1.0 if labelled.fair else SURELY if labelled.kind is not None else min(1.0, LARGEST / n)
    return [
        Held(
            found,
            resolved,
            labelled.polarity,
            labelled.relevant,
            np.full(n, UNKNOWN, np.int8) if labelled.consumer is None else labelled.consumer,
            (whole * np.minimum(labelled.certainty, 1)).astype(np.float32),
            np.full(n, labelled.fair),
        )
    ]


def _register(labelled: LabelledSet) -> Floats:
    """Logits that say nothing but the register of the set."""
    z = np.zeros((len(labelled.texts), 9), np.float32)
    z[:, 7] = 1 if labelled.register == 2 else -1
    return z


def fit_weighing(held: Sequence[Held]) -> Weighing:
    """The weights under which the labels of *held* surprise least; none where there are no such labels."""
    if not held:
        return no_weighing()
    rows = Held(*(np.concatenate(columns) for columns in zip(*held, strict=True)))
    scale = rows.found.std(axis=0) + 1e-3
    inputs = np.concatenate([rows.found / scale, np.ones((len(rows.found), 1))], axis=1)
    weights = np.zeros((len(WEIGHED), FEATURES + 1, OUTPUTS), np.float32)
    weights[:, :, :3] = _softmax(inputs, rows, rows.polarity, 3)
    for output, said in ((3, rows.relevant), (4, rows.consumer)):
        # The second class is 1: its scores stand against 0.
        pair = _softmax(inputs, rows, said, 2)
        weights[:, :, output] = pair[:, :, 1] - pair[:, :, 0]
    leaning = _leaning(inputs, rows, weights[:, :, :3])
    weights[:, :-1] /= scale[:, None]
    return Weighing(weights, leaning)


def _softmax(inputs: npt.NDArray[np.float64], rows: Held, said: npt.NDArray[np.int8], classes: int) -> Floats:
    """(len(WEIGHED), features, classes) of a softmax over *said*, for the rows that have it."""
    known = np.flatnonzero(said >= 0)
    groups = [(i, known[rows.kinds[known] == kind]) for i, kind in enumerate(WEIGHED)]
    shape = (1 + len(WEIGHED), inputs.shape[1], classes)
    penalty = np.full(shape, OWN)
    penalty[0] = COMMON
    penalty[:, -1] = 0.02

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        x = flat.reshape(shape)
        total, slope = float((penalty * x * x).sum()), 2 * penalty * x
        for i, mine in groups:
            scores = inputs[mine] @ (x[0] + x[1 + i])
            scores -= scores.max(axis=1, keepdims=True)
            odds = np.exp(scores)
            share = odds / odds.sum(axis=1, keepdims=True)
            here = np.arange(len(mine))
            total -= float((rows.weight[mine] * np.log(share[here, said[mine]] + 1e-12)).sum())
            share[here, said[mine]] -= 1
            step = inputs[mine].T @ (share * rows.weight[mine, None])
            slope[0] += step
            slope[1 + i] += step
        return total, slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    x = found.reshape(shape)
    return np.asarray(x[0] + x[1:], np.float32)


def _leaning(inputs: npt.NDArray[np.float64], rows: Held, weights: Floats) -> Floats:
    """What is added to log probabilities so that among fairly drawn rows each polarity is found as often as
    it is there; nothing for a kind of which too few were drawn."""
    leaning = np.zeros((len(WEIGHED), 3), np.float32)
    for i, kind in enumerate(WEIGHED):
        mine = np.flatnonzero(rows.fair & (rows.kinds == kind) & (rows.polarity >= 0))
        if len(mine) < FEWEST:
            continue
        scores = inputs[mine] @ weights[i]
        there = np.bincount(rows.polarity[mine], minlength=3) + 1
        for step in range(STEPS):
            found = np.bincount((scores + leaning[i]).argmax(axis=1), minlength=3) + 1
            leaning[i] += 0.5 * 0.95**step * np.log(there / found)
        leaning[i] -= leaning[i, 1]
    return np.clip(leaning, -1.5, 1.5)
