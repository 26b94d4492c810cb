"""The model fitted to a home's corrections: its n-gram weights move as little as the corrections need.

Full-batch gradient descent in numpy from the weights given, with an L2 pull back to them. Documents that
nobody corrected teach the model's own verdicts, so that it changes where corrections speak and nowhere else.
Constants of the kinds of source stay: people correct mistakes, and a constant learnt from mistakes alone
would turn every verdict round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.model import PolarityModel, encode
from fengping.analysis.polarity.score_kernel import Weights, features, gram_scale
from fengping.analysis.polarity.verdicts import HEADS, Floats, Verdicts

ROUNDS = 25
PULL = 0.02
"""Share of each change that is taken back in a round."""

_HEADS = (
    [HEADS.index(head) for head in ("review.negative", "post.negative", "topic.negative")],
    [HEADS.index(head) for head in ("post.neutral", "topic.neutral")],
    [HEADS.index("relevant")],
    [HEADS.index("consumer")],
)
"""Heads that learn together: negative, neutral, relevant, consumer."""


class Taught(NamedTuple):
    """Texts with what is right of them; every array has the shape (n,), -1 where nobody said."""

    texts: Sequence[str]
    kinds: npt.NDArray[np.int64]
    """:class:`SourceKind` of each."""
    polarity: npt.NDArray[np.int8]
    """Index into `CODES`."""
    relevant: npt.NDArray[np.int8]
    consumer: npt.NDArray[np.int8]

    def take(self, chosen: npt.NDArray[np.bool_]) -> Taught:
        """The rows where *chosen* is true."""
        texts = [text for text, keep in zip(self.texts, chosen.tolist(), strict=True) if keep]
        _, kinds, polarity, relevant, consumer = self
        return Taught(texts, kinds[chosen], polarity[chosen], relevant[chosen], consumer[chosen])


def adapt(model: PolarityModel, taught: Taught, kept: Taught) -> PolarityModel:
    """*model* with weights that say what *taught* says, and of the other texts what *model* says."""
    texts, kinds = [*taught.texts, *kept.texts], np.concatenate([taught.kinds, kept.kinds])
    rows, ends, _ = features(*encode(texts), model.cues)
    known, places = np.unique(rows, return_inverse=True)
    lengths = np.diff(ends)
    scale = np.array([gram_scale(n) for n in lengths.tolist()], np.float32)

    def spread(values: Floats) -> Floats:
        """(len(known),): the sum of the texts' *values* on the n-grams that each holds."""
        return np.bincount(places, np.repeat(scale * values, lengths), len(known)).astype(np.float32)

    # Likeness to all texts together bounds the largest curvature, four times: a larger step would swing.
    together = spread(np.ones(len(texts), np.float32))
    likeness = scale * [together[places[a:b]].sum() for a, b in pairwise(ends.tolist())]
    step = 8 / max(1.0, float(likeness.max()))
    wanted = _wanted([taught, kept], _probabilities(model.predict(texts, kinds)))
    change = np.zeros((len(known), len(_HEADS)), np.float32)
    fitted = model
    for _ in range(ROUNDS):
        change *= 1 - PULL
        for column, slope in enumerate(_slopes(wanted - _probabilities(fitted.predict(texts, kinds)))):
            change[:, column] += step * spread(slope)
        fitted = replace(model, weights=_moved(model.weights, known, change))
    return fitted


def _moved(weights: Weights, known: npt.NDArray[np.int32], change: Floats) -> Weights:
    """*weights* with the *change* of the rows *known*, in the steps that the model is kept in."""
    moved = weights.rows[known].astype(np.float32)
    for column, heads in enumerate(_HEADS):
        moved[:, heads] += change[:, [column]] / weights.scales[heads]
    rows = weights.rows.copy()
    rows[known] = np.clip(np.rint(moved), -127, 127)
    return weights._replace(rows=rows)


def _wanted(sets: Sequence[Taught], said: Floats) -> Floats:
    """(n, 5): what the texts should get; what the model *said* where nobody said better."""
    wanted = said.copy()
    polarity, relevant, consumer = (
        np.concatenate([one[column] for one in sets]) for column in range(2, len(Taught._fields))
    )
    wanted[polarity >= 0, :3] = np.eye(3, dtype=np.float32)[polarity[polarity >= 0]]
    wanted[relevant >= 0, 3] = relevant[relevant >= 0]
    wanted[consumer >= 0, 4] = consumer[consumer >= 0]
    return wanted


def _slopes(miss: Floats) -> list[Floats]:
    """(n,) for each of `_HEADS`: where its score must go, by what is missing of the probabilities, (n, 5)."""
    return [(miss[:, 0] - miss[:, 2]) / np.float32(2), miss[:, 1], miss[:, 3], miss[:, 4]]


def _probabilities(said: Verdicts) -> Floats:
    """(n, 5): negative, neutral, positive, relevant, consumer."""
    return np.stack([said.negative, said.neutral, said.positive, said.relevance, said.concern], axis=1)
