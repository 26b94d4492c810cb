"""The compiled reading of cue words: negation, degree, contrast, questions, quotations, registers."""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.polarity.kernel import (
    AGENCY,
    BEARING,
    CONTRAST,
    COUNTED,
    DEGREE,
    DEGREE_REACH,
    FIRST_COUNTED,
    HOST,
    KINDS,
    LIVE,
    LIVESELL,
    NEGATION_REACH,
    NEGATOR,
    NET,
    PAIRS,
    REPOST,
    SCALE,
    SELL,
    SHAPE,
    URL,
    Codes,
    Floats,
    ends_clause,
    find_cue,
    kernel,
)

# Places within NET: sums of positive and negative words by where they stand.
WHOLE, LAST, FIRST, AFTER_CONTRAST, ASKED, QUOTED = 0, 2, 4, 6, 8, 10


@kernel
def read_cues(symbols: Codes, m: int, keys: Any, masks: Any, plain: Floats) -> None:
    """Fills *plain* with what the cue words of one text say.

    A bearing word (HowNet, DUTIR, penalty, complaint, harm, good) is turned by an odd number of negators in
    the four symbols before it and doubled by a degree word in the three before; what a clause says is kept
    apart for the last clause, the first, all after 但是, questions and quotations.
    """
    clause = np.zeros(2, np.float32)
    negator, older, degree = -99, -99, -99
    begin, i = 0, 0
    contrast, quoted, first = False, False, True
    counts = np.zeros(KINDS, np.float32)
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
        length, kinds = find_cue(symbols, m, i, keys, masks)
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
        if kinds >> DEGREE & 1:
            degree = i + length - 1
        if kinds >> CONTRAST & 1 and i - begin <= 1:
            contrast = True
        for kind in range(FIRST_COUNTED, KINDS):
            counts[kind] += kinds >> kind & 1
        i += length
    _finish(symbols, m, counts, plain, contrast)


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
    for j in range(SHAPE + 4):
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
