"""Training the second reader of reviews (:mod:`fengping.analysis.polarity.phrase_kernel`).

Adam (Kingma and Ba 2015) over batches, with dropout of words, of what is known of words and of filters
(Srivastava and others 2014). Chosen by leaving whole sets of reviews out: docs/measurements/judgement.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from devtools.training.sets import REVIEW, LabelledSet
from fengping.analysis.polarity.kernel import CueTable, Floats, Offsets, kernel, room
from fengping.analysis.polarity.model import encode
from fengping.analysis.polarity.phrase_kernel import (
    FILTERS,
    INNER,
    KNOWN,
    MOST_WORDS,
    PLACES,
    Phrases,
    inner_of,
    known_of,
    most_of,
    no_phrases,
    read_words,
)

EPOCHS = 14
BATCH = 128
RATE = 1e-3
"""Adam's step, falling to a twentieth over all batches."""
DECAY = 2e-6
FEWEST = 1_000
"""Reviews below which nothing is to be learned of how words go together."""
_WORDS_DROPPED, _KNOWN_DROPPED, _FILTERS_DROPPED = 0.1, 0.2, 0.4
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8


class _Reviews(NamedTuple):
    words: npt.NDArray[np.int64]
    """(all words, 5) rows of :func:`read_words`."""
    ends: Offsets
    """(n + 1,)"""
    negative: Floats
    """(n,) 0 or 1"""
    weight: Floats


def learn_phrases(
    sets: Sequence[LabelledSet], cues: CueTable, set_size: float, heaviest: float, seed: int
) -> Phrases:
    """Learn from the reviews among *sets*; each set counts as *set_size* texts, a text as *heaviest* at most.

    Says nothing where there are fewer than `FEWEST` reviews.
    """
    reviews = [s.take(s.polarity != 1) for s in sets if s.register == REVIEW]
    reviews = [s.take(s.polarity >= 0) for s in reviews]
    if sum(len(s.texts) for s in reviews) < FEWEST:
        return no_phrases()
    codes, offsets = encode([text for s in reviews for text in s.texts])
    weights = [min(set_size / max(len(s.texts), 1), heaviest) * s.certainty for s in reviews]
    negative = np.concatenate([s.polarity == 0 for s in reviews])
    words, ends = _all_words(codes, offsets, cues)
    examples = _Reviews(words, ends, negative.astype(np.float32), np.concatenate(weights).astype(np.float32))
    rng = np.random.default_rng(seed)
    phrases = _start(rng)
    first, second = no_phrases(), no_phrases()
    order = np.concatenate([rng.permutation(len(negative)) for _ in range(EPOCHS)])
    _descend(examples, cues, phrases, first, second, order, seed)
    # As they will stand in the file: the model that is trained is the one that is read back.
    return Phrases(*(values.astype(np.float16).astype(np.float32) for values in phrases))


def _start(rng: np.random.Generator) -> Phrases:
    def drawn(array: Floats, fan: int) -> Floats:
        return np.asarray(rng.normal(size=array.shape) * np.sqrt(2 / fan), np.float32)

    zero = no_phrases()
    out = np.float32(0.3) * drawn(zero.out, FILTERS)
    out[FILTERS] = 0
    return zero._replace(
        words=drawn(zero.words, KNOWN),
        filters=drawn(zero.filters, PLACES * INNER),
        out=out.astype(np.float32),
    )


@kernel
def _all_words(codes: Any, offsets: Any, cues: CueTable) -> Any:
    """Words of all texts in a row, and where each text's begin and end."""
    n = offsets.shape[0] - 1
    rows, ends = np.empty((codes.shape[0], 5), np.int64), np.zeros(n + 1, np.int64)
    words, found = np.empty((MOST_WORDS, 5), np.int64), room()
    for d in range(n):
        count = read_words(codes[offsets[d] : offsets[d + 1]], cues, found, words)
        rows[ends[d] : ends[d] + count] = words[:count]
        ends[d + 1] = ends[d] + count
    return rows[: ends[n]].copy(), ends


@kernel
def _descend(
    reviews: _Reviews,
    cues: CueTable,
    phrases: Phrases,
    first: Phrases,
    second: Phrases,
    order: Any,
    seed: int,
) -> None:
    """Adam over *order*, batch by batch, in place; the same order and seed give the same weights."""
    np.random.seed(seed)
    slope = Phrases(
        np.zeros_like(phrases.words), np.zeros_like(phrases.word_bias), np.zeros_like(phrases.filters),
        np.zeros_like(phrases.filter_bias), np.zeros_like(phrases.out),
    )  # fmt: skip
    known, inner = np.empty((MOST_WORDS, KNOWN), np.float32), np.empty((MOST_WORDS, INNER), np.float32)
    batches = len(order) // BATCH
    for number in range(batches):
        for o in order[number * BATCH : (number + 1) * BATCH]:
            _learn_one(reviews, o, cues, phrases, slope, known, inner)
        rate = RATE * (1 - 0.95 * number / batches)
        _step(phrases.words, first.words, second.words, slope.words, number, rate, DECAY)
        _step(phrases.filters, first.filters, second.filters, slope.filters, number, rate, DECAY)
        _step(phrases.word_bias, first.word_bias, second.word_bias, slope.word_bias, number, rate, 0)
        _step(phrases.filter_bias, first.filter_bias, second.filter_bias, slope.filter_bias, number, rate, 0)
        _step(phrases.out, first.out, second.out, slope.out, number, rate, DECAY)


@kernel
def _step(
    values: Floats, first: Floats, second: Floats, slope: Floats, number: int, rate: float, decay: float
) -> None:
    """Adam's step from the sum of a batch's slopes, which are emptied."""
    values, first, second, slope = values.ravel(), first.ravel(), second.ravel(), slope.ravel()
    for i in range(len(values)):
        g = slope[i] / BATCH + decay * values[i]
        slope[i] = 0
        first[i] = _FIRST * first[i] + (1 - _FIRST) * g
        second[i] = _SECOND * second[i] + (1 - _SECOND) * g * g
        mean, square = first[i] / (1 - _FIRST ** (number + 1)), second[i] / (1 - _SECOND ** (number + 1))
        values[i] -= rate * mean / (np.sqrt(square) + _TINY)


@kernel
def _learn_one(
    reviews: _Reviews, o: int, cues: CueTable, phrases: Phrases, slope: Phrases, known: Any, inner: Any
) -> None:
    """Adds one review's slopes of the cross-entropy to *slope*; *known* and *inner* are room to work in."""
    begin, count = reviews.ends[o], reviews.ends[o + 1] - reviews.ends[o]
    kept = (np.random.random(KNOWN) >= _KNOWN_DROPPED) / np.float32(1 - _KNOWN_DROPPED)
    for t in range(count):
        known_of(reviews.words[begin + t], cues, known[t])
        known[t] *= kept * (np.random.random() >= _WORDS_DROPPED)
        inner_of(known[t], phrases, inner[t])
    most, where = np.empty(FILTERS, np.float32), np.empty(FILTERS, np.int64)
    most_of(inner, count, phrases, np.empty(FILTERS, np.float32), most, where)
    heard = (np.random.random(FILTERS) >= _FILTERS_DROPPED) / np.float32(1 - _FILTERS_DROPPED)
    odds = phrases.out[FILTERS]
    for c in range(FILTERS):
        odds += heard[c] * most[c] * phrases.out[c]
    wrong = np.float32(reviews.weight[o] * (1 / (1 + np.exp(-odds)) - reviews.negative[o]))
    slope.out[FILTERS] += wrong
    back = np.zeros((count, INNER), np.float32)
    for c in range(FILTERS):
        if where[c] < 0 or heard[c] == 0:
            continue
        slope.out[c] += wrong * heard[c] * most[c]
        pull = np.float32(wrong * heard[c] * phrases.out[c])
        slope.filter_bias[c] += pull
        for place in range(PLACES):
            at = where[c] + place - 1
            if 0 <= at < count:
                for p in range(INNER):
                    slope.filters[place * INNER + p, c] += pull * inner[at, p]
                    back[at, p] += pull * phrases.filters[place * INNER + p, c]
    for t in range(count):
        for p in range(INNER):
            if inner[t, p] == 0:
                back[t, p] = 0
            slope.word_bias[p] += back[t, p]
        for j in range(KNOWN):
            value = known[t, j]
            if value != 0:
                for p in range(INNER):
                    slope.words[j, p] += value * back[t, p]
