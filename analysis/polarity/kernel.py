"""The compiled part: code points in, hashed n-grams, cues and logits out.

Training and judging share these functions, so a model meets the very features it was trained on. All of it
stands in this one file because numba's cache on disk watches only the file of the function it is asked for:
were a callee or a constant elsewhere, a change there would leave stale machine code behind.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fengping.analysis.compiled import compiled

Codes = npt.NDArray[np.uint32]
Index = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

BITS = 19
"""Log2 of the number of weight rows; 2**19 rows of 8 bytes are 4 MiB."""
LONGEST_GRAM = 4
LONGEST_CUE = 6
"""Characters of the longest cue word."""
MOST_SYMBOLS = 1_500
"""Symbols of a text that are read: the head of a page says what it is about."""

# Symbols for what is one thing whatever its letters, in Unicode's private area.
URL = 0xE000
REPOST = 0xE001

# Bits of a cue word; the names are those of cues.toml and of `lexicon.KINDS`.
HOWNET_POS, HOWNET_NEG, DUTIR_POS, DUTIR_NEG = 0, 1, 2, 3
PENALTY, COMPLAINT, HARM, GOOD = 4, 5, 6, 7
NEGATOR, DEGREE, CONTRAST = 8, 9, 10
FIRST_COUNTED = 11
"""Cues from this bit on are only counted."""
LIVE, SELL, LIVESELL, HOST, AGENCY = 17, 18, 19, 20, 21
KINDS = 24

# Layout of the vector of plain features.
BEARING = 8
NET = 2 * BEARING
COUNTED = NET + 12
PAIRS = COUNTED + (KINDS - FIRST_COUNTED)
TONE = PAIRS + 7
VALENCE = TONE + 4
SHAPE = VALENCE + 8
SENSE = SHAPE + 10
SENSES = 64
"""Numbers of a word's vector."""
PLAIN = SENSE + SENSES
# Places within NET: sums of positive and negative words by where they stand.
WHOLE, LAST, FIRST, AFTER_CONTRAST, ASKED, QUOTED = 0, 2, 4, 6, 8, 10

NEGATION_REACH = 4
DEGREE_REACH = 3
SCALE = np.float32(0.3)
"""Plain features are of the size of a handful of n-grams, or they would drown them."""
SENSE_SCALE = np.float32(3 / 127)
"""From the steps of a vector of unit length to features of the size of the others."""


class Weights(NamedTuple):
    """Weights of all heads; the numbers of columns and rows are the model's."""

    rows: npt.NDArray[np.int8]
    """(2**BITS, heads) for n-grams, in steps of `scales`."""
    scales: Floats
    """(heads,)"""
    plain: Floats
    """(PLAIN, heads) for cue and shape features."""


class Senses(NamedTuple):
    """Words by the company they keep: like words have like vectors, whether or not training met them."""

    keys: npt.NDArray[np.uint64]
    places: Index
    """Row of the word in the same slot of `keys`."""
    vectors: npt.NDArray[np.int8]
    """(words, SENSES) of length 127."""
    weights: Floats
    """(words,) in how far a word tells anything: near 0 for the commonest, near 1 for rare ones."""


class CueTable(NamedTuple):
    """Four hash tables with open addressing; lengths are powers of two, an empty slot is 0."""

    keys: npt.NDArray[np.uint64]
    masks: npt.NDArray[np.int32]
    """Kinds of the cue word in the same slot of `keys`."""
    tone_keys: npt.NDArray[np.uint64]
    tones: npt.NDArray[np.int8]
    """Log odds of positive against negative of the word in the same slot, in sixteenths."""
    valence_keys: npt.NDArray[np.uint64]
    valences: npt.NDArray[np.int8]
    """How good or bad what the word in the same slot means is to people, in sixteenths."""
    senses: Senses


LONGEST_SPAN = 10
"""Symbols of a telling span; a longer one points at nothing."""
FAINT = 0.15
"""Log odds up to which a span is not worth showing."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(1469598103934665603)
KEPT = np.uint64((1 << 40) - 1)
"""What is kept of a word's hash: five bytes tell a hundred thousand words apart; the file has them all."""


def kernel(function: Any) -> Any:
    """:func:`compiled`, its functions open to numpy's scalars and Python's alike."""
    return compiled(function)


@kernel
def mix(h: np.uint64, symbol: np.uint64) -> np.uint64:
    """One more symbol into a rolling hash."""
    h = (h ^ symbol) * _PRIME
    return h ^ (h >> np.uint64(29))


@kernel
def hash_word(word: Codes) -> np.uint64:
    h = _SEED
    for symbol in word:
        h = mix(h, np.uint64(symbol))
    return h & KEPT


@kernel
def fold(symbol: int) -> int:
    """Full width to ASCII, capitals to small, every digit to 0, every blank to a space."""
    if 0xFF01 <= symbol <= 0xFF5E:
        symbol -= 0xFEE0
    if 65 <= symbol <= 90:
        return symbol + 32
    if 48 <= symbol <= 57:
        return 48
    if symbol in (9, 10, 13, 0xA0, 0x3000):
        return 32
    return symbol


@kernel
def invisible(symbol: int) -> bool:
    return symbol in (0x200B, 0x200D, 0xFE0F, 0xFEFF)


@kernel
def starts_url(text: Codes, at: int) -> bool:
    return bool(
        at + 7 < text.shape[0]
        and text[at] | 32 == 104
        and text[at + 1] | 32 == 116
        and text[at + 2] | 32 == 116
        and text[at + 3] | 32 == 112
        and (text[at + 4] == 58 or text[at + 5] == 58)
    )


@kernel
def normalise(text: Codes, symbols: Codes, origin: Index) -> int:
    """Fills *symbols* and, for each, the place in *text* it came from; returns how many there are.

    Runs of digits and of blanks become one symbol, runs of anything else at most three; a web address is
    one symbol, and so is Weibo's ``//@name:`` before a reposted text.
    """
    n, m, i = text.shape[0], 0, 0
    while i < n and m < symbols.shape[0]:
        c = fold(np.int64(text[i]))
        if invisible(c):
            i += 1
            continue
        step = 1
        if c == 104 and starts_url(text, i):
            while i + step < n and 32 < text[i + step] < 127:
                step += 1
            c = URL
        elif c == 47 and i + 2 < n and text[i + 1] == 47 and text[i + 2] == 64:
            step = 3
            while i + step < n and step < 30 and text[i + step] not in (58, 0xFF1A, 32):
                step += 1
            step += 1
            c = REPOST
        elif c in (32, 48):
            if m > 0 and symbols[m - 1] == c:
                i += 1
                continue
        elif m >= 3 and symbols[m - 1] == c and symbols[m - 2] == c and symbols[m - 3] == c:
            i += 1
            continue
        symbols[m] = c
        origin[m] = i
        m += 1
        i += step
    return m


@kernel
def grams(symbols: Codes, m: int, rows: Index, starts: Index, lengths: Index) -> int:
    """Row numbers of all 1- to 4-grams, with the text's two ends as symbols of their own.

    *starts* and *lengths* say which symbols each is made of. Returns how many there are.
    """
    k = 0
    shift = np.uint64(64 - BITS)
    for i in range(-1, m):
        h = _SEED
        for n in range(LONGEST_GRAM):
            j = i + n
            if j > m:
                break
            h = mix(h, np.uint64(2) if j < 0 else np.uint64(3) if j == m else np.uint64(symbols[j]))
            if n == 0 and j < 0:
                continue
            rows[k] = np.int32((h * _PRIME) >> shift)
            starts[k] = i
            lengths[k] = n + 1
            k += 1
    return k


@kernel
def hash_all(symbols: Codes, m: int) -> Any:
    """(m, LONGEST_CUE): hashes of what begins at each symbol, one, two… symbols long; 0 past the end."""
    hashes = np.zeros((m, LONGEST_CUE), np.uint64)
    for i in range(m):
        h = _SEED
        for n in range(min(LONGEST_CUE, m - i)):
            h = mix(h, np.uint64(symbols[i + n]))
            hashes[i, n] = h & KEPT
    return hashes


@kernel
def find_word(hashes: Any, at: int, keys: Any, values: Any) -> tuple[int, Any]:
    """Length and value of the longest word of a table that begins at *at*; length 0 for none."""
    best, value = 0, np.int64(0)
    last = keys.shape[0] - 1
    for n in range(min(LONGEST_CUE, hashes.shape[0] - at)):
        h = hashes[at, n]
        slot = np.int64(h & np.uint64(last))
        while keys[slot] != 0:
            if keys[slot] == h:
                best, value = n + 1, np.int64(values[slot])
                break
            slot = (slot + 1) & last
    return best, value


@kernel
def ends_clause(symbol: int) -> bool:
    return symbol in (
        32, 33, 44, 46, 58, 59, 63, 126, 0x2026, 0x3001, 0x3002, 0xFF5E, URL, REPOST,
    )  # fmt: skip


@kernel
def gram_scale(n: int) -> float:
    """The weight of each of *n* n-grams: unit length for posts; for pages the mean, lest they shout."""
    if n <= 0:
        return 0.0
    return float(1 / np.sqrt(n)) if n <= 800 else float(np.sqrt(800.0)) / n


@kernel
def read_cues(symbols: Codes, m: int, cues: CueTable, plain: Floats) -> None:
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
    hashes, turns = hash_all(symbols, m), np.zeros(m, np.int8)
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
        length, kinds = find_word(hashes, i, cues.keys, cues.masks)
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
    _read_tone(hashes, cues, plain)
    _read_valences(symbols, hashes, turns, cues, plain)
    _finish(symbols, m, counts, plain, contrast)
    _read_senses(hashes, cues.senses, plain)


@kernel
def _read_tone(hashes: Any, cues: CueTable, plain: Floats) -> None:
    """What SnowNLP's words say together, their mean, and the strongest either way."""
    i, n, total, high, low = 0, 0, 0.0, 0.0, 0.0
    while i < len(hashes):
        length, sixteenths = find_word(hashes, i, cues.tone_keys, cues.tones)
        if length > 0:
            tone = sixteenths / 16
            total, n = total + tone, n + 1
            high, low = max(high, tone), min(low, tone)
        i += max(length, 1)
    plain[TONE] = 3 * np.tanh(total / 4)
    plain[TONE + 1] = total / np.sqrt(n) if n > 0 else 0.0
    plain[TONE + 2] = high / 2
    plain[TONE + 3] = low / 2


@kernel
def _read_valences(symbols: Codes, hashes: Any, turns: Any, cues: CueTable, plain: Floats) -> None:
    """What the valences of the text's words say together, their mean and the strongest either way; the first
    two again as negators turn them, and so of all after 但是 and of the last clause.

    *turns*: (m,) where a negator begins its length, where a word of contrast begins less than 0, else 0.
    """
    i, n, total, turned, high, low, after, in_clause, clause = 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0.0
    negator, older, contrast = -99, -99, False
    while i <= len(hashes):
        if i == len(hashes) or ends_clause(np.int64(symbols[i])):
            if in_clause > 0:
                plain[VALENCE + 7] = clause / np.sqrt(in_clause)
            negator, older, in_clause, clause, i = -99, -99, 0, 0.0, i + 1
            continue
        contrast = contrast or turns[i] < 0
        length, sixteenths = find_word(hashes, i, cues.valence_keys, cues.valences)
        if turns[i] > 0 and turns[i] >= length:
            length = int(turns[i])
            older, negator = negator, i + length - 1
        elif length > 0:
            valence = sixteenths / 16
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
def _read_senses(hashes: Any, senses: Senses, plain: Floats) -> None:
    """The mean of the vectors of the text's words."""
    i, total = 0, np.float32(0)
    while i < len(hashes):
        length, place = find_word(hashes, i, senses.keys, senses.places)
        if length > 0:
            weight = senses.weights[place]
            total += weight
            for j in range(SENSES):
                plain[SENSE + j] += weight * np.float32(senses.vectors[place, j])
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


@kernel
def logits(codes: Codes, offsets: Offsets, weights: Weights, cues: CueTable) -> Floats:
    """(n, heads): what each head says of each text."""
    n, heads = offsets.shape[0] - 1, weights.scales.shape[0]
    out = np.zeros((n, heads), np.float32)
    symbols, origin = np.empty(MOST_SYMBOLS, np.uint32), np.empty(MOST_SYMBOLS, np.int32)
    most = (MOST_SYMBOLS + 2) * LONGEST_GRAM
    rows, starts = np.empty(most, np.int32), np.empty(most, np.int32)
    lengths = np.empty(most, np.int32)
    sums, plain = np.zeros(heads, np.int64), np.zeros(PLAIN, np.float32)
    for d in range(n):
        m = normalise(codes[offsets[d] : offsets[d + 1]], symbols, origin)
        k = grams(symbols, m, rows, starts, lengths)
        sums[:] = 0
        for g in range(k):
            for head in range(heads):
                sums[head] += weights.rows[rows[g], head]
        plain[:] = 0
        read_cues(symbols, m, cues, plain)
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
    plain = np.zeros((n, PLAIN), np.float32)
    for d in range(n):
        m = normalise(codes[offsets[d] : offsets[d + 1]], symbols, origin)
        ends[d + 1] = ends[d] + grams(symbols, m, rows[ends[d] :], starts, lengths)
        read_cues(symbols, m, cues, plain[d])
    return rows[: ends[n]].copy(), ends, plain


@kernel
def contributions(codes: Codes, weights: Weights, share: Floats) -> tuple[Floats, Codes, Index]:
    """What each symbol of one text adds to the log odds of negative, its n-grams shared out among them.

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
