"""Adagrad over hashed rows: all heads in one pass, each text only for those it is labelled for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.kernel import kernel

# Columns while training: what the registers share, then each one's own part of it.
SHARED_NEGATIVE, SHARED_NEUTRAL = 0, 1
NEGATIVE = (2, 3, 5)
NEUTRAL = (1, 4, 6)
RELEVANT, GATE_REVIEW, GATE_TOPIC, CONSUMER = 7, 8, 9, 10
COLUMNS = 11

STEADY = np.float32(0.02)
"""Start of a row's sum of squares: the first step on a rare n-gram must not be a leap."""


class Examples(NamedTuple):
    """*n* texts with their targets; a weight of 0 means: not labelled for this."""

    ends: npt.NDArray[np.int64]
    """(n + 1,) where each text's rows begin and end in `rows`."""
    scale: npt.NDArray[np.float32]
    """The weight of each of a text's n-grams."""
    rows: npt.NDArray[np.int32]
    plain: npt.NDArray[np.float32]
    register: npt.NDArray[np.int8]
    polarity: npt.NDArray[np.int8]
    """0 negative, 1 neutral, 2 positive."""
    graded: npt.NDArray[np.bool_]
    """True if the text's set knows neutral; if not, neutral is no alternative for it."""
    relevant: npt.NDArray[np.int8]
    consumer: npt.NDArray[np.int8]
    on_polarity: npt.NDArray[np.float32]
    on_relevant: npt.NDArray[np.float32]
    on_consumer: npt.NDArray[np.float32]
    on_gate: npt.NDArray[np.float32]


class Parameters(NamedTuple):
    """Weights being learned and Adagrad's sums of squares."""

    rows: npt.NDArray[np.float32]
    row_squares: npt.NDArray[np.float32]
    plain: npt.NDArray[np.float32]
    plain_squares: npt.NDArray[np.float32]


def start(rows: int, plain: int, columns: int = COLUMNS) -> Parameters:
    """All weights zero."""
    return Parameters(
        np.zeros((rows, columns), np.float32),
        np.full((rows, columns), STEADY, np.float32),
        np.zeros((plain, columns), np.float32),
        np.ones((plain, columns), np.float32),
    )


@kernel
def descend(examples: Examples, learned: Parameters, order: Any, rate: float, decay: float) -> None:
    """One step for each text of *order*, in place; the same order gives the same weights."""
    z, slope = np.zeros(COLUMNS, np.float32), np.zeros(COLUMNS, np.float32)
    for o in order:
        first, last = examples.ends[o], examples.ends[o + 1]
        scale = examples.scale[o]
        _forward(examples, learned, o, scale, z)
        _slopes(examples, o, z, slope)
        for c in range(COLUMNS):
            g = slope[c]
            if g == 0:
                continue
            for j in range(examples.plain.shape[1]):
                value = examples.plain[o, j]
                if value != 0:
                    learned.plain_squares[j, c] += (g * value) ** 2
                    learned.plain[j, c] -= rate * g * value / np.sqrt(learned.plain_squares[j, c])
        for k in range(first, last):
            row = examples.rows[k]
            for c in range(COLUMNS):
                if slope[c] != 0:
                    g = slope[c] * scale + decay * learned.rows[row, c]
                    learned.row_squares[row, c] += g * g
                    learned.rows[row, c] -= rate * g / np.sqrt(learned.row_squares[row, c])


@kernel
def _forward(examples: Examples, learned: Parameters, o: int, scale: float, z: Any) -> None:
    z[:] = 0
    for k in range(examples.ends[o], examples.ends[o + 1]):
        row = examples.rows[k]
        for c in range(COLUMNS):
            z[c] += learned.rows[row, c]
    for c in range(COLUMNS):
        z[c] *= scale
    for j in range(examples.plain.shape[1]):
        value = examples.plain[o, j]
        if value != 0:
            for c in range(COLUMNS):
                z[c] += value * learned.plain[j, c]


@kernel
def _slopes(examples: Examples, o: int, z: Any, slope: Any) -> None:
    """Derivatives of the losses (cross-entropy each) by the logits *z*."""
    slope[:] = 0
    register, said = examples.register[o], examples.polarity[o]
    weight = examples.on_polarity[o]
    if weight > 0:
        half = (z[SHARED_NEGATIVE] + z[NEGATIVE[register]]) / 2
        middle = z[SHARED_NEUTRAL] + z[NEUTRAL[register]] if examples.graded[o] else -np.float32(60)
        top = max(abs(half), middle)
        negative, neutral, positive = np.exp(half - top), np.exp(middle - top), np.exp(-half - top)
        total = negative + neutral + positive
        tilt = (negative / total - (said == 0) - positive / total + (said == 2)) / 2
        slope[SHARED_NEGATIVE] = slope[NEGATIVE[register]] = weight * tilt
        if examples.graded[o]:
            miss = neutral / total - (said == 1)
            slope[SHARED_NEUTRAL] = slope[NEUTRAL[register]] = weight * miss
    if examples.on_relevant[o] > 0:
        slope[RELEVANT] = examples.on_relevant[o] * (1 / (1 + np.exp(-z[RELEVANT])) - examples.relevant[o])
    if examples.on_consumer[o] > 0:
        slope[CONSUMER] = examples.on_consumer[o] * (1 / (1 + np.exp(-z[CONSUMER])) - examples.consumer[o])
    if examples.on_gate[o] > 0:
        review, topic = np.exp(min(z[GATE_REVIEW], 30)), np.exp(min(z[GATE_TOPIC], 30))
        total = 1 + review + topic
        slope[GATE_REVIEW] = examples.on_gate[o] * (review / total - (register == 0))
        slope[GATE_TOPIC] = examples.on_gate[o] * (topic / total - (register == 2))
