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

from devtools.training.sets import REVIEW, TITLES_ALONE, UNKNOWN, LabelledSet
from fengping.analysis import PolarityModel, SourceKind
from fengping.analysis.polarity.model import Sample, no_sample
from fengping.analysis.polarity.verdicts import resembled
from fengping.analysis.polarity.weighing import (
    FEATURES,
    OUTPUTS,
    WEIGHED,
    Floats,
    Weighing,
    no_weighing,
    weigh,
)

COMMON, OWN, REMARKS = 0.5, 4.0, 20.0
"""Penalties of the squares of common weights, of a kind's own deviations, and of those of remarks, which have
few labels and many sorts."""
LARGEST = 250.0
"""Rows that a set without a told kind counts as at most: its neutral may be another than a monitor's."""
SURELY = 0.8
"""Weight of rows drawn for doubt."""
FEWEST = 100
"""Fairly drawn rows from which a kind's shares are known well enough to lean on."""
FEWEST_OF_A_CLASS = 10
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
    """*labelled* as *model* reads it; nothing of reviews, which lack neutral, nor of what nobody read.

    Nor of titles alone, which have labels of the whole.
    """
    alone = labelled.name.endswith(TITLES_ALONE)
    if labelled.register == REVIEW or not labelled.graded or not labelled.read or alone:
        return []
    told = resembled(_register(labelled), labelled.texts) if labelled.kind is None else labelled.kind
    kinds = np.broadcast_to(np.asarray(told, np.int64), len(labelled.texts))
    weighed = np.isin(kinds, WEIGHED)
    labelled, kinds = labelled.take(weighed), kinds[weighed]
    if not labelled.texts:
        return []
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
    leaning = _leaning(inputs, rows, weights)
    weights[:, :-1] /= scale[:, None]
    return Weighing(weights, leaning)


def _softmax(inputs: npt.NDArray[np.float64], rows: Held, said: npt.NDArray[np.int8], classes: int) -> Floats:
    """(len(WEIGHED), features, classes) of a softmax over *said*, for the rows that have it."""
    known = np.flatnonzero(said >= 0)
    groups = [(i, known[rows.kinds[known] == kind]) for i, kind in enumerate(WEIGHED)]
    shape = (1 + len(WEIGHED), inputs.shape[1], classes)
    penalty = np.full(shape, OWN)
    penalty[0] = COMMON
    penalty[1 + WEIGHED.index(SourceKind.REMARK)] = REMARKS
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
    """Additions before a verdict so that each is given as often as it should be.

    Polarities are balanced on fairly drawn rows, for their shares are to be right in a window; relevance and
    consumer matters on all, for few are relevant among what is drawn fairly.
    """
    leaning = np.zeros((len(WEIGHED), OUTPUTS), np.float32)
    for i, kind in enumerate(WEIGHED):
        mine = rows.kinds == kind
        fair = np.flatnonzero(mine & rows.fair & (rows.polarity >= 0))
        leaning[i, :3] = _balanced(inputs[fair] @ weights[i, :, :3], rows.polarity[fair])
        for output, said in ((3, rows.relevant), (4, rows.consumer)):
            known = np.flatnonzero(mine & (said >= 0))
            scores = inputs[known] @ weights[i, :, output]
            pair = np.stack([np.zeros(len(known)), scores], axis=1)
            leaning[i, output] = _balanced(pair, said[known], 2)[1]
    return leaning


def _balanced(scores: npt.NDArray[np.float64], said: npt.NDArray[np.int8], classes: int = 3) -> Floats:
    """Additions to scores that make each class the highest as often as it is *said*; zero for too few."""
    added = np.zeros(classes)
    there = np.bincount(said, minlength=classes)
    if len(said) < FEWEST or there.min() < FEWEST_OF_A_CLASS:
        return np.zeros(classes, np.float32)
    for step in range(STEPS):
        found = np.bincount((scores + added).argmax(axis=1), minlength=classes)
        added += 0.5 * 0.95**step * np.log((there + 1) / (found + 1))
    # Neutral, or "not", is what the others are measured against.
    added -= added[1] if classes == 3 else added[0]
    return np.clip(added, -1.5, 1.5).astype(np.float32)


def sample_of(folds: Sequence[Sequence[Held]]) -> Sample:
    """The fairly drawn rows of each fold, weighed as the other folds would have it."""
    parts = [no_sample()]
    for number, fold in enumerate(folds):
        others = [held for other, rows in enumerate(folds) if other != number for held in rows]
        weighing = fit_weighing(others)
        for held in fold:
            shares = np.stack([held.kinds == kind for kind in WEIGHED], axis=1).astype(np.float32)
            three, _, _ = weigh(weighing, held.found, shares)
            fair = held.fair & (held.polarity >= 0)
            parts.append(
                Sample(
                    held.kinds[fair].astype(np.int8),
                    three[fair, 0].astype(np.float16),
                    held.polarity[fair] == 0,
                )
            )
    return Sample(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
