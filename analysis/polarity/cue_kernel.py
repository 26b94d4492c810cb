"""Plain features of a text from its words and their positions, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.polarity.kernel import (
    CUE,
    KINDS,
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
    ends_clause,
    find_words,
    kernel,
)

# Bits of a cue word; the names are those of cues.toml and of `lexicon.KINDS`.
HOWNET_POS, HOWNET_NEG, DUTIR_POS, DUTIR_NEG = 0, 1, 2, 3
PENALTY, COMPLAINT, HARM, GOOD = 4, 5, 6, 7
NEGATOR, DEGREE, CONTRAST = 8, 9, 10
FIRST_COUNTED = 11
"""Cues from this bit on are only counted."""
LIVE, SELL, LIVESELL, HOST, AGENCY = 17, 18, 19, 20, 21

# Layout of the vector of plain features.
BEARING = 8
NET = 2 * BEARING
COUNTED = NET + 12
PAIRS = COUNTED + (KINDS - FIRST_COUNTED)
TONE = PAIRS + 7
VALENCE = TONE + 4
SHAPE = VALENCE + 8
SENSE = SHAPE + 10
PLAIN = SENSE + SENSES
# Places within NET: sums of positive and negative words by where they stand.
WHOLE, LAST, FIRST, AFTER_CONTRAST, ASKED, QUOTED = 0, 2, 4, 6, 8, 10

NEGATION_REACH = 4
DEGREE_REACH = 3
SCALE = np.float32(0.3)
"""Plain features are of the size of a handful of n-grams, or they would drown them."""
SENSE_SCALE = np.float32(3 / 127)
"""From the steps of a vector of unit length to features of the size of the others."""


@kernel
def read_cues(symbols: Codes, m: int, cues: CueTable, found: Found, plain: Floats) -> None:
    """Fills *plain* with what the words of one text say, and *found* with these words.

    A bearing word (HowNet, DUTIR, penalty, complaint, harm, good) is turned by an odd number of negators in
    the four symbols before it and doubled by a degree word in the three before; what a clause says is kept
    apart for the last clause, the first, all after 但是, questions and quotations.
    """
    clause = np.zeros(2, np.float32)
    negator, older, degree = -99, -99, -99
    begin, i = 0, 0
    contrast, quoted, first = False, False, True
    counts = np.zeros(KINDS, np.float32)
    turns = np.zeros(m, np.int8)
    find_words(symbols, m, cues, found)
    while i <= m:
        symbol = np.int64(symbols[i]) if i < m else 32
        if ends_clause(symbol):
            if i > begin:
                _close(plain, clause, symbol == 63, contrast, first)
                first = first and clause[0] + clause[1] == 0
            clause[:] = 0
            negator, older, degree, begin = -99, -99, -99, i + 1
            i += 1
            continue
        if symbol in (0x201C, 0x300C, 0x300E):
            quoted = True
        elif symbol in (0x201D, 0x300D, 0x300F):
            quoted = False
        length, kinds = int(found.lengths[i, CUE]), found.values[i, CUE]
        if length == 0:
            i += 1
            continue
        turned = (i - negator <= NEGATION_REACH) != (i - older <= NEGATION_REACH)
        strength = np.float32(2 if i - degree <= DEGREE_REACH else 1)
        said = -1
        for kind in range(BEARING):
            if kinds >> kind & 1:
                negative = kind in (1, 3, 4, 5, 6)
                plain[2 * kind + turned] += 1
                said = int(negative != turned)
        if said >= 0:
            clause[said] += strength
            if quoted:
                plain[NET + QUOTED + said] += 1
        if kinds >> NEGATOR & 1:
            older, negator = negator, i + length - 1
            turns[i] = length
        if kinds >> DEGREE & 1:
            degree = i + length - 1
        if kinds >> CONTRAST & 1:
            turns[i] = -length
            contrast = contrast or i - begin <= 1
        for kind in range(FIRST_COUNTED, KINDS):
            counts[kind] += kinds >> kind & 1
        i += length
    _read_tone(m, found, plain)
    _read_valences(symbols, m, turns, found, plain)
    _finish(symbols, m, counts, plain, contrast)
    _read_senses(m, found, cues, plain)


@kernel
def _read_tone(m: int, found: Found, plain: Floats) -> None:
    """Compute the sum, the mean and both extremes of SnowNLP's word weights."""
    i, n, total, high, low = 0, 0, 0.0, 0.0, 0.0
    while i < m:
        length = int(found.lengths[i, TONE_LIST])
        if length > 0:
            tone = found.values[i, TONE_LIST] / 16
            total, n = total + tone, n + 1
            high, low = max(high, tone), min(low, tone)
        i += max(length, 1)
    plain[TONE] = 3 * np.tanh(total / 4)
    plain[TONE + 1] = total / np.sqrt(n) if n > 0 else 0.0
    plain[TONE + 2] = high / 2
    plain[TONE + 3] = low / 2


@kernel
def _read_valences(symbols: Codes, m: int, turns: Any, found: Found, plain: Floats) -> None:
    """Compute sum, mean and both extremes of the valences of the text's words; the first
    two again as negators turn them, and so of all after 但是 and of the last clause.

    *turns*: (m,) where a negator begins its length, where a word of contrast begins less than 0, else 0.
    """
    i, n, total, turned, high, low, after, in_clause, clause = 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0
    negator, older, contrast = -99, -99, False
    while i <= m:
        if i == m or ends_clause(np.int64(symbols[i])):
            if in_clause > 0:
                plain[VALENCE + 7] = clause / np.sqrt(in_clause)
            negator, older, in_clause, clause, i = -99, -99, 0, 0.0, i + 1
            continue
        contrast = contrast or turns[i] < 0
        length = int(found.lengths[i, VALENCE_LIST])
        if turns[i] > 0 and turns[i] >= length:
            length = int(turns[i])
            older, negator = negator, i + length - 1
        elif length > 0:
            valence = found.values[i, VALENCE_LIST] / 16
            total, n, in_clause = total + valence, n + 1, in_clause + 1
            high, low = max(high, valence), min(low, valence)
            if (i - negator <= NEGATION_REACH) != (i - older <= NEGATION_REACH):
                valence = -valence
            turned, clause = turned + valence, clause + valence
            if contrast:
                after += valence
        i += max(length, 1)
    root = np.sqrt(max(n, 1))
    plain[VALENCE], plain[VALENCE + 1] = 3 * np.tanh(total / 4), total / root
    plain[VALENCE + 2], plain[VALENCE + 3] = high / 2, low / 2
    plain[VALENCE + 4], plain[VALENCE + 5] = 3 * np.tanh(turned / 4), turned / root
    plain[VALENCE + 6] = 2 * np.tanh(after / 2)


@kernel
def _read_senses(m: int, found: Found, cues: CueTable, plain: Floats) -> None:
    """The mean of the vectors of the text's words."""
    i, total = 0, np.float32(0)
    while i < m:
        length = int(found.lengths[i, SENSE_LIST])
        if length > 0:
            place = found.values[i, SENSE_LIST]
            weight = cues.weights[place]
            total += weight
            for j in range(SENSES):
                plain[SENSE + j] += weight * np.float32(cues.vectors[place, j])
        i += max(length, 1)
    if total > 0:
        for j in range(SENSES):
            plain[SENSE + j] *= SENSE_SCALE / total


@kernel
def _close(plain: Floats, clause: Floats, asks: bool, contrast: bool, first: bool) -> None:
    for said in range(2):
        plain[NET + WHOLE + said] += clause[said]
        if clause[0] + clause[1] > 0:
            plain[NET + LAST + said] = clause[said]
            if first:
                plain[NET + FIRST + said] = clause[said]
        if contrast:
            plain[NET + AFTER_CONTRAST + said] += clause[said]
        if asks:
            plain[NET + ASKED + said] += clause[said]


@kernel
def _finish(symbols: Codes, m: int, counts: Floats, plain: Floats, contrast: bool) -> None:
    net = np.log1p(plain[NET]) - np.log1p(plain[NET + 1])
    for kind in range(FIRST_COUNTED, KINDS):
        plain[COUNTED + kind - FIRST_COUNTED] = counts[kind]
    marks = np.zeros(4, np.float32)
    for i in range(m):
        c = symbols[i]
        marks[0] += c == 33
        marks[1] += c == 63
        marks[2] += c in (126, 0xFF5E)
        marks[3] += c in (URL, REPOST, 64)
    for j in range(4):
        plain[SHAPE + j] = marks[j]
    for j in range(TONE):
        plain[j] = np.log1p(plain[j])
    for j in range(SHAPE, SHAPE + 4):
        plain[j] = np.log1p(plain[j])
    host, live = counts[HOST] > 0, counts[LIVE] > 0
    sell, strong = counts[SELL] > 0, counts[LIVESELL] > 0
    pairs = (
        host and sell, host and strong, live and sell, host and not (sell or strong),
        counts[AGENCY] > 0, strong, live and not (sell or strong or host),
    )  # fmt: skip
    for j in range(len(pairs)):
        plain[PAIRS + j] = 2 * pairs[j]
    plain[SHAPE + 4] = net
    plain[SHAPE + 5] = np.sign(net)
    plain[SHAPE + 6] = np.log1p(m) / 5
    plain[SHAPE + 7] = contrast
    plain[SHAPE + 8] = m > 0 and symbols[0] == 35
    for j in range(plain.shape[0]):
        plain[j] *= SCALE
    plain[SHAPE + 9] = 1
