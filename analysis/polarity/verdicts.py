"""Scores of the heads as probabilities, and the verdict on each text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.parts import SourceKind, is_bare
from fengping.analysis.polarity.weighing import OUTPUTS
from fengping.models import Polarity

REGISTERS = ("review", "post", "topic")
HEADS = (
    "review.negative", "post.negative", "post.neutral", "topic.negative", "topic.neutral",
    "relevant", "gate.review", "gate.topic", "consumer",
)  # fmt: skip
"""Columns of the weights. ``negative`` is the log odds of negative against positive, ``neutral`` the score
of neutral in a softmax with ±half of it; the post is the gate's zero."""

CODES = (Polarity.NEG, Polarity.NEU, Polarity.POS)
"""Polarity of each number in `Verdicts.polarity`."""

NEVER = -30.0
"""A score that leaves no share."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Results of the model for *n* texts; every array has the shape (n,)."""

    negative: Floats
    """Calibrated probability that a consumer-rights monitor files the text as negative."""
    polarity: npt.NDArray[np.int8]
    """Index into `CODES`."""
    relevant: npt.NDArray[np.bool_]
    """About selling by livestream."""
    relevance: Floats
    """Probability of that."""
    consumer: npt.NDArray[np.bool_]
    """About buying, goods, services or rights of consumers."""
    concern: Floats
    """Probability of that."""
    neutral: Floats
    positive: Floats
    """On one scale with ``negative``: the larger of the two answers negative against positive."""

    def polarities(self) -> list[Polarity]:
        return [CODES[code] for code in self.polarity.tolist()]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Parameters that turn logits into calibrated probabilities, fitted after learning."""

    relevant: tuple[float, float] = (1.0, 0.0)
    """Factor and shift of the log odds of relevance, fitted on texts the model did not see."""
    consumer: tuple[float, float] = (1.0, 0.0)
    """The same of consumer matters."""
    lukewarm: float = 0.5
    """Rate of neutral reviews, for each time the other registers find a text so. Reviews without an opinion
    exist, but no set labels them; with none, every post that sounds like a review would have an opinion."""


def gate(z: Floats) -> Floats:
    """(n, 3): how much a text is of each register."""
    scores = np.stack([z[:, 6], np.zeros(len(z), np.float32), z[:, 7]], axis=1)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def register_probabilities(z: Floats, register: int) -> Floats:
    """(n, 3) by `CODES` from the heads of one register alone; reviews were never labelled neutral."""
    negative, neutral = ((0, None), (1, 2), (3, 4))[register]
    half = z[:, negative] / 2
    middle = np.full(len(z), NEVER, np.float32) if neutral is None else z[:, neutral]
    scores = np.stack([half, middle, -half], axis=1)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


def review_probabilities(z: Floats, calibration: Calibration) -> Floats:
    """(n, 3) by `CODES`: what the reviews' head says, its neutral lent by the other registers."""
    shares = gate(z)
    review, post, topic = (register_probabilities(z, register) for register in range(3))
    others = shares[:, 1] * post[:, 1] + shares[:, 2] * topic[:, 1]
    neutral = calibration.lukewarm * others / np.maximum(shares[:, 1] + shares[:, 2], 1e-9)
    # What is not negative is shared between neutral and positive: how likely a review is negative stands.
    calm = 1 - review[:, 0]
    return np.stack([review[:, 0], calm * neutral, calm * (1 - neutral)], axis=1)


def mixed_probabilities(z: Floats, calibration: Calibration) -> Floats:
    """(n, 3) by `CODES`: the gate's mixture of the registers."""
    shares = gate(z)
    _, post, topic = (register_probabilities(z, register) for register in range(3))
    review = review_probabilities(z, calibration)
    mixed = shares[:, [0]] * review + shares[:, [1]] * post + shares[:, [2]] * topic
    return np.asarray(mixed, np.float32)


def topics_odds(z: Floats, calibration: Calibration) -> Floats:
    """(n, 2): probabilities of relevance and of a consumer matter, by the whole text alone."""
    pairs = ((5, calibration.relevant), (8, calibration.consumer))
    odds = np.stack([z[:, head] * factor + shift for head, (factor, shift) in pairs], axis=1)
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def resembled(z: Floats, texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """The kind of source that each text resembles, reviews aside: a post, news or a bare title."""
    topics = np.array([SourceKind.TITLE if is_bare(text) else SourceKind.NEWS for text in texts], np.int64)
    return np.where(z[:, 7] > 0, topics, np.int64(SourceKind.POST))


def decide(z: Floats, calibration: Calibration) -> Verdicts:
    """Logits to verdicts: the gate's mixture of the registers, the likeliest polarity."""
    three = mixed_probabilities(z, calibration)
    return verdicts_of(three, topics_odds(z, calibration), np.zeros((len(z), OUTPUTS), np.float32))


def verdicts_of(three: Floats, two: Floats, leaning: Floats) -> Verdicts:
    """Verdicts from probabilities of the polarities, of relevance and consumer, and their *leaning*."""
    polarity = (np.log(np.maximum(three, 1e-9)) + leaning[:, :3]).argmax(axis=1)
    odds = np.log(two / np.maximum(1 - two, 1e-9) + 1e-9) + leaning[:, 3:]
    return Verdicts(
        negative=three[:, 0],
        polarity=polarity.astype(np.int8),
        relevant=odds[:, 0] >= 0,
        relevance=two[:, 0],
        consumer=odds[:, 1] >= 0,
        concern=two[:, 1],
        neutral=three[:, 1],
        positive=three[:, 2],
    )
