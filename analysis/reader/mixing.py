"""One verdict of two readers: their log probabilities weighed by the kind of source.

Logarithmic opinion pool (Genest, Zidek 1986) with a weight for each reader and a constant for each answer,
fitted for each kind of source on texts that neither reader had learned from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity import Verdicts

Floats = npt.NDArray[np.float32]
Kinds = npt.NDArray[np.int64]

TINY = 1e-6


class Mixing(NamedTuple):
    """By kind of source (:class:`~fengping.analysis.polarity.SourceKind`)."""

    weights: Floats
    """(kinds, 2) weights of the first and the second reader's log probabilities of the polarities."""
    constants: Floats
    """(kinds, 3) added to each polarity's."""
    leaning: Floats
    """(kinds, 3) added before the likeliest is taken, so that as many are counted as there are."""
    matters: Floats
    """(kinds, 2, 4) for relevance and consumer matters: both weights of the log odds, a constant, and what is
    added before the verdict."""


def keeps_first(kinds: int) -> Mixing:
    """The first reader's word alone."""
    weights, matters = np.zeros((kinds, 2), np.float32), np.zeros((kinds, 2, 4), np.float32)
    weights[:, 0] = matters[:, :, 0] = 1
    constants = np.zeros((kinds, 3), np.float32)
    return Mixing(weights, constants, constants.copy(), matters)


def listens(mixing: Mixing) -> npt.NDArray[np.bool_]:
    """(kinds,) True for kinds in which the second reader has a say."""
    said = (mixing.weights[:, 1] != 0) | (mixing.matters[:, :, 1] != 0).any(axis=1)
    return np.asarray(said, np.bool_)


def pooled(mixing: Mixing, kinds: Kinds, first: Floats, second: Floats) -> Floats:
    """(n, 3) log probabilities: *first* probabilities, *second* scores."""
    mine = np.log(np.maximum(first, TINY))
    other = second - second.max(axis=1, keepdims=True)
    other -= np.log(np.exp(other).sum(axis=1, keepdims=True))
    weights = mixing.weights[kinds]
    scores = weights[:, [0]] * mine + weights[:, [1]] * other + mixing.constants[kinds]
    scores -= scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


def mix(mixing: Mixing, verdicts: Verdicts, kinds: Kinds, scores: Floats) -> Verdicts:
    """*verdicts* of the first reader with the second's *scores*: polarities, relevance, consumer matters."""
    first = np.stack([verdicts.negative, verdicts.neutral, verdicts.positive], axis=1)
    said = listens(mixing)[kinds]
    three = pooled(mixing, kinds, first, scores[:, :3])
    polarity = np.where(said, (three + mixing.leaning[kinds]).argmax(axis=1), verdicts.polarity)
    probabilities = np.where(said[:, None], np.exp(three), first)
    odds = []
    for column, own in enumerate((verdicts.relevance, verdicts.concern)):
        weights = mixing.matters[kinds, column]
        mine = np.log(np.maximum(own, TINY)) - np.log(np.maximum(1 - own, TINY))
        odds.append(weights[:, 0] * mine + weights[:, 1] * scores[:, 3 + column] + weights[:, 2])
    heard = [mixing.matters[kinds, column, 1] != 0 for column in range(2)]
    added = [mixing.matters[kinds, column, 3] for column in range(2)]
    return replace(
        verdicts,
        negative=probabilities[:, 0].astype(np.float32),
        neutral=probabilities[:, 1].astype(np.float32),
        positive=probabilities[:, 2].astype(np.float32),
        polarity=polarity.astype(np.int8),
        relevance=np.where(heard[0], 1 / (1 + np.exp(-odds[0])), verdicts.relevance).astype(np.float32),
        relevant=np.where(heard[0], odds[0] + added[0] >= 0, verdicts.relevant),
        concern=np.where(heard[1], 1 / (1 + np.exp(-odds[1])), verdicts.concern).astype(np.float32),
        consumer=np.where(heard[1], odds[1] + added[1] >= 0, verdicts.consumer),
    )
