"""A second reader for reviews, compiled: a small convolution over the meanings of three words side by side.

N-grams know wordings and the plain features know words; what neither knows is that two words of which each
was often seen mean something together when nobody has put it so before. Kim (2014), *Convolutional neural
networks for sentence classification*: every word becomes a few numbers, each filter looks at three words
at a time, and what it finds at the place where it finds most speaks for or against.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fengping.analysis.polarity.kernel import (
    CUE,
    KINDS,
    LISTS,
    MOST_SYMBOLS,
    REPOST,
    SENSE_LIST,
    SENSES,
    TONE_LIST,
    URL,
    VALENCE_LIST,
    Codes,
    CueTable,
    Floats,
    Found,
    Offsets,
    find_words,
    kernel,
    normalise,
    room,
)

PLACES = 3
"""Words that a filter sees at once."""
INNER = 32
"""Numbers a word becomes."""
FILTERS = 64
MOST_WORDS = 400
"""Words of a text that are read."""

# What a word is known by: its vector, kinds of cue, how common it is, valence and tone, what sort of sign.
KIND = SENSES
COMMON = KIND + KINDS
WORTH = COMMON + 1
MOOD = WORTH + 1
SIGN = MOOD + 1
SIGNS = 14
KNOWN = SIGN + SIGNS
SENSE_SCALE = np.float32(4 / 127)


class Phrases(NamedTuple):
    """The convolution's weights; all zero where no reviews were learned from."""

    words: Floats
    """(KNOWN, INNER)"""
    word_bias: Floats
    """(INNER,)"""
    filters: Floats
    """(PLACES * INNER, FILTERS)"""
    filter_bias: Floats
    """(FILTERS,)"""
    out: Floats
    """(FILTERS + 1,): what each filter says, and a constant."""


def no_phrases() -> Phrases:
    """A reader that says nothing."""
    shapes = ((KNOWN, INNER), (INNER,), (PLACES * INNER, FILTERS), (FILTERS,), (FILTERS + 1,))
    return Phrases(*(np.zeros(shape, np.float32) for shape in shapes))


@kernel
def sign_of(symbol: int) -> int:
    """Return the index in `SIGNS` of a symbol that begins no known word."""
    if symbol == 33:
        return 0
    if symbol == 63:
        return 1
    if symbol in (126, 0xFF5E):
        return 2
    if symbol == 48:
        return 3
    if symbol in (44, 0x3001):
        return 4
    if symbol in (46, 59, 0x3002):
        return 5
    if symbol == 32:
        return 6
    if symbol in (URL, REPOST):
        return 7
    if 97 <= symbol <= 122:
        return 8
    if symbol < 128:
        return 9
    if symbol == 0x2026:
        return 10
    if symbol >= 0x1F300:
        return 11
    return 12 if 0x4E00 <= symbol <= 0x9FFF else 13


@kernel
def read_words(text: Codes, cues: CueTable, found: Found, words: Any) -> int:
    """Fills *words* (MOST_WORDS, 5) with a row a word and returns how many there are; *found* is room to work
    in.

    A word is the longest that any of the four lists knows. Its row: place of its vector (-1 for none),
    valence and tone in sixteenths, kinds of cue, and the sign where no list knows it (-1 where one does).
    """
    symbols, origin = np.empty(MOST_SYMBOLS, np.uint32), np.empty(MOST_SYMBOLS, np.int32)
    m = normalise(text, symbols, origin)
    find_words(symbols, m, cues, found)
    i = count = 0
    while i < m and count < MOST_WORDS:
        length = 0
        for column in range(LISTS):
            length = max(length, int(found.lengths[i, column]))
        words[count, 0] = -1
        words[count, 1:4] = 0
        words[count, 4] = -1 if length else sign_of(np.int64(symbols[i]))
        if length > 0:
            for place, column in enumerate((SENSE_LIST, VALENCE_LIST, TONE_LIST, CUE)):
                if found.lengths[i, column] == length:
                    words[count, place] = found.values[i, column]
        count += 1
        i += max(length, 1)
    return count


@kernel
def known_of(word: Any, cues: CueTable, known: Floats) -> None:
    """Fills *known* (KNOWN,) with what is known of a row of :func:`read_words`."""
    known[:] = 0
    if word[0] >= 0:
        for j in range(SENSES):
            known[j] = SENSE_SCALE * np.float32(cues.vectors[word[0], j])
        known[COMMON] = cues.weights[word[0]]
    for kind in range(KINDS):
        known[KIND + kind] = word[3] >> kind & 1
    known[WORTH] = word[1] / np.float32(16)
    known[MOOD] = word[2] / np.float32(16)
    if word[4] >= 0:
        known[SIGN + word[4]] = 1


@kernel
def add_rows(values: Floats, weights: Floats, total: Floats) -> None:
    """Adds *values* (rows,) · *weights* (rows, columns) to *total* (columns,), 0 for 0.

    Four rows at a time, those of 0 left out without a branch: *total* is written a quarter as often, and
    nothing hangs on a guess of the processor's.
    """
    rows, count = np.zeros(len(values) + 4, np.int64), 0
    for j in range(len(values)):
        rows[count] = j
        count += values[j] != 0
    whole = count - count % 4
    for k in range(0, whole, 4):
        a, b, c, d = rows[k], rows[k + 1], rows[k + 2], rows[k + 3]
        w, x, y, z = values[a], values[b], values[c], values[d]
        for p in range(len(total)):
            total[p] += w * weights[a, p] + x * weights[b, p] + y * weights[c, p] + z * weights[d, p]
    for k in range(whole, count):
        for p in range(len(total)):
            total[p] += values[rows[k]] * weights[rows[k], p]


@kernel
def inner_of(known: Floats, phrases: Phrases, inner: Floats) -> None:
    """Fills *inner* (INNER,): max(0, known · words + bias)."""
    inner[:] = phrases.word_bias
    add_rows(known, phrases.words, inner)
    for p in range(INNER):
        inner[p] = max(inner[p], np.float32(0))


@kernel
def most_of(inner: Any, count: int, phrases: Phrases, found: Floats, most: Floats, where: Any) -> None:
    """Fills *most* (FILTERS,) with the most that each filter finds, at least 0, and *where* with the middle
    word of the place, -1 for nowhere. *found* (FILTERS,) is room to work in."""
    most[:] = 0
    where[:] = -1
    for t in range(count):
        found[:] = phrases.filter_bias
        first, last = max(t - PLACES // 2, 0), min(t + PLACES // 2 + 1, count)
        shift = (first - t + PLACES // 2) * INNER
        seen = inner[first:last].reshape((last - first) * INNER)
        add_rows(seen, phrases.filters[shift : shift + len(seen)], found)
        for c in range(FILTERS):
            if found[c] > most[c]:
                most[c], where[c] = found[c], t


@kernel
def phrase_odds(codes: Codes, offsets: Offsets, asked: Any, cues: CueTable, phrases: Phrases) -> Floats:
    """(n,) log odds of negative against positive by the convolution alone; 0 for texts not *asked*."""
    n = offsets.shape[0] - 1
    odds = np.zeros(n, np.float32)
    words, inner = np.empty((MOST_WORDS, 5), np.int64), np.empty((MOST_WORDS, INNER), np.float32)
    known, found = np.empty(KNOWN, np.float32), np.empty(FILTERS, np.float32)
    most, where = np.empty(FILTERS, np.float32), np.empty(FILTERS, np.int64)
    read = room()
    for d in range(n):
        if not asked[d]:
            continue
        count = read_words(codes[offsets[d] : offsets[d + 1]], cues, read, words)
        for t in range(count):
            known_of(words[t], cues, known)
            inner_of(known, phrases, inner[t])
        most_of(inner, count, phrases, found, most, where)
        total = phrases.out[FILTERS]
        for c in range(FILTERS):
            total += most[c] * phrases.out[c]
        odds[d] = total
    return odds
