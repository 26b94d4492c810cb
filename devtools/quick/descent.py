"""Adagrad over rows of weights: all columns in one pass, each text only for those it is labelled for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from devtools.training.descent import Parameters
from fengping.analysis.compiled import compiled

Floats = npt.NDArray[np.float32]


class Examples(NamedTuple):
    """*n* examples with their targets for *c* columns."""

    ends: npt.NDArray[np.int64]
    """[n + 1] where each example's rows begin and end in :attr:`rows`."""
    rows: npt.NDArray[np.int32]
    plain: Floats
    """[n, d] features that are no keys."""
    targets: Floats
    """[n, c] probabilities."""
    weights: Floats
    """[n, c]; 0 where the example is not labelled."""


@compiled
def descend(
    examples: Examples, learned: Parameters, groups: Any, order: Any, rates: Any, decay: float
) -> float:  # fmt: skip
    """One step for each example of *order*, in place; the mean loss.

    *rates*: [c] lengths of a step. *groups*: [c] number of the softmax that a column belongs to, -1 for one
    with a sigmoid of its own.
    """
    columns = examples.targets.shape[1]
    z, slope = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    loss = 0.0
    for o in order:
        first, last = examples.ends[o], examples.ends[o + 1]
        scale = np.float32(1 / np.sqrt(max(last - first, 1)))
        forward(examples, learned, o, z)
        loss += slopes(z, examples.targets[o], examples.weights[o], groups, slope)
        for j in range(examples.plain.shape[1]):
            value = examples.plain[o, j]
            if value != 0:
                for c in range(columns):
                    g = slope[c] * value
                    learned.plain_squares[j, c] += g * g
                    learned.plain[j, c] -= rates[c] * g / np.sqrt(learned.plain_squares[j, c])
        for k in range(first, last):
            row = examples.rows[k]
            for c in range(columns):
                if slope[c] != 0:
                    g = slope[c] * scale + decay * learned.rows[row, c]
                    learned.row_squares[row, c] += g * g
                    learned.rows[row, c] -= rates[c] * g / np.sqrt(learned.row_squares[row, c])
    return loss / len(order)


@compiled
def forward(examples: Examples, learned: Parameters, o: int, z: Any) -> None:
    """Logits of example *o* into *z*."""
    z[:] = 0
    first, last = examples.ends[o], examples.ends[o + 1]
    for k in range(first, last):
        row = examples.rows[k]
        for c in range(len(z)):
            z[c] += learned.rows[row, c]
    scale = np.float32(1 / np.sqrt(max(last - first, 1)))
    for c in range(len(z)):
        z[c] *= scale
    for j in range(examples.plain.shape[1]):
        value = examples.plain[o, j]
        if value != 0:
            for c in range(len(z)):
                z[c] += value * learned.plain[j, c]


@compiled
def slopes(z: Any, targets: Any, weights: Any, groups: Any, slope: Any) -> float:
    """Derivatives of the cross-entropies by the logits *z* into *slope*; their sum."""
    loss = 0.0
    for c in range(len(z)):
        slope[c] = 0
        if weights[c] == 0:
            continue
        if groups[c] < 0:
            p = 1 / (1 + np.exp(-z[c]))
        else:
            top, total = np.float32(-1e9), 0.0
            for other in range(len(z)):
                if groups[other] == groups[c]:
                    top = max(top, z[other])
            for other in range(len(z)):
                if groups[other] == groups[c]:
                    total += np.exp(z[other] - top)
            p = np.exp(z[c] - top) / total
        slope[c] = weights[c] * (p - targets[c])
        loss -= weights[c] * (targets[c] * np.log(p + 1e-7))
        if groups[c] < 0:
            loss -= weights[c] * (1 - targets[c]) * np.log(1 - p + 1e-7)
    return loss


@compiled
def predict(examples: Examples, learned: Parameters) -> Floats:
    """[n, c] logits of all examples."""
    said = np.zeros(examples.targets.shape, np.float32)
    for o in range(len(said)):
        forward(examples, learned, o, said[o])
    return said
