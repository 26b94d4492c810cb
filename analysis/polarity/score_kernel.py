"""From n-grams and plain features to logits, and back to the spans that spoke loudest: compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.polarity.cue_kernel import PLAIN, read_cues
from fengping.analysis.polarity.kernel import (
    MOST_SYMBOLS,
    PRIME,
    SEED,
    Codes,
    CueTable,
    Floats,
    Index,
    Offsets,
    ends_clause,
    kernel,
    mix,
    normalise,
    room,
)

BITS = 19
"""Log2 of the number of weight rows; 2**19 rows of 8 bytes are 4 MiB."""
LONGEST_GRAM = 4
LONGEST_SPAN = 10
"""Symbols of a telling span; a longer one points at nothing."""
FAINT = 0.15
"""Log odds up to which a span is not worth showing."""


class Weights(NamedTuple):
    """Weights of all heads; the numbers of columns and rows are the model's."""

    rows: npt.NDArray[np.int8]
    """(2**BITS, heads) for n-grams, in steps of `scales`."""
    scales: Floats
    """(heads,)"""
    plain: Floats
    """(PLAIN, heads) for cue and shape features."""


@kernel
def grams(symbols: Codes, m: int, rows: Index, starts: Index, lengths: Index) -> int:
    """Row numbers of all 1- to 4-grams, with the text's two ends as symbols of their own.

    *starts* and *lengths* say which symbols each is made of. Returns how many there are.
    """
    k = 0
    shift = np.uint64(64 - BITS)
    for i in range(-1, m):
        h = SEED
        for n in range(LONGEST_GRAM):
            j = i + n
            if j > m:
                break
            h = mix(h, np.uint64(2) if j < 0 else np.uint64(3) if j == m else np.uint64(symbols[j]))
            if n == 0 and j < 0:
                continue
            rows[k] = np.int32((h * PRIME) >> shift)
            starts[k] = i
            lengths[k] = n + 1
            k += 1
    return k


@kernel
def gram_scale(n: int) -> float:
    """The weight of each of *n* n-grams: unit length for posts; for pages the mean, lest they shout."""
    if n <= 0:
        return 0.0
    return float(1 / np.sqrt(n)) if n <= 800 else float(np.sqrt(800.0)) / n


@kernel
def logits(codes: Codes, offsets: Offsets, weights: Weights, cues: CueTable) -> Floats:
    """(n, heads): what each head says of each text."""
    n, heads = offsets.shape[0] - 1, weights.scales.shape[0]
    out = np.zeros((n, heads), np.float32)
    symbols, origin = np.empty(MOST_SYMBOLS, np.uint32), np.empty(MOST_SYMBOLS, np.int32)
    most = (MOST_SYMBOLS + 2) * LONGEST_GRAM
    rows, starts = np.empty(most, np.int32), np.empty(most, np.int32)
    lengths = np.empty(most, np.int32)
    sums, plain, found = np.zeros(heads, np.int64), np.zeros(PLAIN, np.float32), room()
    for d in range(n):
        m = normalise(codes[offsets[d] : offsets[d + 1]], symbols, origin)
        k = grams(symbols, m, rows, starts, lengths)
        sums[:] = 0
        for g in range(k):
            for head in range(heads):
                sums[head] += weights.rows[rows[g], head]
        plain[:] = 0
        read_cues(symbols, m, cues, found, plain)
        scale = gram_scale(k)
        for head in range(heads):
            out[d, head] = sums[head] * weights.scales[head] * scale
        for j in range(PLAIN):
            if plain[j] != 0:
                for head in range(heads):
                    out[d, head] += plain[j] * weights.plain[j, head]
    return out


@kernel
def features(codes: Codes, offsets: Offsets, cues: CueTable) -> tuple[Index, Offsets, Floats]:
    """The same features for training: row numbers of all texts, where each text's begin, plain features."""
    n = offsets.shape[0] - 1
    ends = np.zeros(n + 1, np.int64)
    total = np.int64(0)
    for d in range(n):
        total += (min(offsets[d + 1] - offsets[d], MOST_SYMBOLS) + 2) * LONGEST_GRAM
    rows = np.empty(total, np.int32)
    symbols, origin = np.empty(MOST_SYMBOLS, np.uint32), np.empty(MOST_SYMBOLS, np.int32)
    most = (MOST_SYMBOLS + 2) * LONGEST_GRAM
    starts, lengths = np.empty(most, np.int32), np.empty(most, np.int32)
    plain, found = np.zeros((n, PLAIN), np.float32), room()
    for d in range(n):
        m = normalise(codes[offsets[d] : offsets[d + 1]], symbols, origin)
        ends[d + 1] = ends[d] + grams(symbols, m, rows[ends[d] :], starts, lengths)
        read_cues(symbols, m, cues, found, plain[d])
    return rows[: ends[n]].copy(), ends, plain


@kernel
def contributions(codes: Codes, weights: Weights, share: Floats) -> tuple[Floats, Codes, Index]:
    """Compute each symbol's share in one text's log odds of negative; n-grams are shared among symbols.

    *share*: (3,) the registers' parts. Also gives the symbols and the places they came from.
    """
    symbols, origin = np.empty(MOST_SYMBOLS, np.uint32), np.empty(MOST_SYMBOLS, np.int32)
    most = (MOST_SYMBOLS + 2) * LONGEST_GRAM
    rows, starts = np.empty(most, np.int32), np.empty(most, np.int32)
    lengths = np.empty(most, np.int32)
    m = normalise(codes, symbols, origin)
    k = grams(symbols, m, rows, starts, lengths)
    scale = gram_scale(k)
    scores = np.zeros(m, np.float32)
    for g in range(k):
        weight = np.float32(0)
        for register, head in ((0, 0), (1, 1), (2, 3)):
            weight += share[register] * weights.rows[rows[g], head] * weights.scales[head]
        first, last = max(starts[g], 0), min(starts[g] + lengths[g], m)
        for i in range(first, last):
            scores[i] += weight * scale / lengths[g]
    return scores, symbols[:m].copy(), origin[:m].copy()


@kernel
def loudest(scores: Floats, symbols: Codes, spans: Any, sums: Any) -> int:
    """Fills the rows of *spans* (most, 2) with first symbol and end of the runs that add most to *scores*.

    They stand apart, each within one clause, the loudest first; *sums* gets what each adds. Returns how
    many there are.
    """
    taken = np.empty(len(symbols), np.bool_)
    for i in range(len(symbols)):
        taken[i] = ends_clause(symbols[i])
    for found in range(len(spans)):
        sums[found] = FAINT
        for first in range(len(scores)):
            total = 0.0
            for last in range(first, min(first + LONGEST_SPAN, len(scores))):
                if taken[last]:
                    break
                total += scores[last]
                if total > sums[found]:
                    sums[found], spans[found, 0], spans[found, 1] = total, first, last + 1
        if sums[found] == FAINT:
            return found
        taken[spans[found, 0] : spans[found, 1]] = True
    return len(spans)


@kernel
def telling(
    codes: Codes, offsets: Offsets, weights: Weights, shares: Floats, signs: Any, most: int
) -> tuple[Index, Floats]:
    """The runs of each text that speak loudest for a sign: 1 negative, -1 positive, 0 not asked.

    Gives (n, most, 2) places in the text, -1 where there are fewer, and (n, most) what each adds to the log
    odds of that sign. *shares*: (n, 3) the registers' parts.
    """
    n = offsets.shape[0] - 1
    places, sums = np.full((n, most, 2), -1, np.int32), np.zeros((n, most), np.float64)
    for d in range(n):
        if signs[d] == 0:
            continue
        text = codes[offsets[d] : offsets[d + 1]]
        scores, symbols, origin = contributions(text, weights, shares[d])
        found = loudest(signs[d] * scores.astype(np.float64), symbols, places[d], sums[d])
        places[d, found:] = -1
        for k in range(found):
            first, last = places[d, k]
            places[d, k, 0] = origin[first]
            places[d, k, 1] = origin[last] if last < len(origin) else len(text)
    return places, sums
