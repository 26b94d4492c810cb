"""The verdict: what the model reads in each part of a text, weighed by the kind of its source.

One softmax over negative, neutral and positive for every kind, so that both probabilities stand on one
scale: which of the two is larger answers whether a text is rather negative or rather positive. How much of
what looks like a charge is none differs by kind, and so do the weights of title, lead, own words and what
is passed on. Fitted on readers' labels that the model had not learned
(:mod:`devtools.training.weighing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled
from fengping.analysis.polarity.parts import Parts, SourceKind

Floats = npt.NDArray[np.float32]

WEIGHED = (SourceKind.NEWS, SourceKind.TITLE, SourceKind.REMARK, SourceKind.COMPLAINT)
"""Kinds that have weights. Reviews and posts of somebody's own are what the large sets hold: there the heads
of their registers are calibrated as they are."""
HEADS = 9
READ = 4
"""Readings of a text: whole, head, body, passed on."""
SHAPE = 8
FEATURES = READ * HEADS + SHAPE
OUTPUTS = 5
"""Negative, neutral, positive, relevant, consumer."""


class Weighing(NamedTuple):
    """Weights of the verdict."""

    weights: Floats
    """(len(WEIGHED), FEATURES + 1, OUTPUTS), the constant last."""
    leaning: Floats
    """(len(WEIGHED), OUTPUTS) what is added to log probabilities of the polarities before the likeliest is
    taken, and to the log odds of relevance and consumer matters: so that as many are counted as there are."""


def no_weighing() -> Weighing:
    """Weights of a model that has none: every kind is judged by the registers."""
    kinds = len(WEIGHED)
    return Weighing(
        np.zeros((kinds, FEATURES + 1, OUTPUTS), np.float32), np.zeros((kinds, OUTPUTS), np.float32)
    )


def readings(contents: Sequence[str], parts: Sequence[Parts]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The texts to read, and the (n, READ) places of each document's readings among them; -1 for none.

    A part that is the whole text is not read again.
    """
    texts = list(contents)
    places = np.full((len(texts), READ), -1, np.int64)
    places[:, 0] = np.arange(len(texts))
    for row, taken in enumerate(parts):
        for column, text in enumerate(taken, 1):
            if text == contents[row] and text.strip():
                places[row, column] = row
            elif text.strip():
                places[row, column] = len(texts)
                texts.append(text)
    return texts, places


def features(
    z: Floats, places: npt.NDArray[np.int64], contents: Sequence[str], parts: Sequence[Parts]
) -> Floats:
    """(n, FEATURES) from what the heads say of every reading and the shape of the text."""
    n = len(contents)
    out = np.zeros((n, FEATURES), np.float32)
    for column in range(READ):
        there = places[:, column] >= 0
        out[there, column * HEADS : (column + 1) * HEADS] = z[places[there, column]]
    shape = out[:, READ * HEADS :]
    shape[:, :3] = places[:, 1:] >= 0
    for row, (content, taken) in enumerate(zip(contents, parts, strict=True)):
        shape[row, 3] = np.log1p(len(content)) / 3
        shape[row, 4] = np.log1p(len(taken.body)) / 3
        shape[row, 5] = "【" in content
        shape[row, 6] = "@" in content
        shape[row, 7] = "？" in content or "?" in content
    return out


@compiled
def _scored(found: Floats, weights: Floats) -> Floats:
    """(n, outputs): each row of *found* times *weights* (features + 1, outputs), summed in one order.

    A library's product adds up in an order that depends on how many rows there are, and a judgement must not.
    """
    n, features, outputs = found.shape[0], found.shape[1], weights.shape[1]
    out = np.zeros((n, outputs), np.float32)
    for row in range(n):
        for output in range(outputs):
            total = weights[features, output]
            for j in range(features):
                total += found[row, j] * weights[j, output]
            out[row, output] = total
    return out


def weigh(weighing: Weighing, found: Floats, shares: Floats) -> tuple[Floats, Floats, Floats]:
    """Probabilities of the polarities (n, 3), of relevant and consumer (n, 2), and the leaning (n, OUTPUTS).

    *shares*: (n, len(WEIGHED)) how much a text is of each kind; what is left of 1 the caller fills up.
    """
    n = len(found)
    three, two = np.zeros((n, 3), np.float32), np.zeros((n, 2), np.float32)
    leaning = np.zeros((n, OUTPUTS), np.float32)
    for column in range(len(WEIGHED)):
        share = shares[:, [column]]
        rows = np.flatnonzero(share[:, 0] > 0)
        if not len(rows):
            continue
        scores = _scored(found[rows], weighing.weights[column])
        odds = np.exp(scores[:, :3] - scores[:, :3].max(axis=1, keepdims=True))
        three[rows] += share[rows] * odds / odds.sum(axis=1, keepdims=True)
        two[rows] += share[rows] / (1 + np.exp(-scores[:, 3:]))
        leaning += share * weighing.leaning[column]
    return three, two, leaning
