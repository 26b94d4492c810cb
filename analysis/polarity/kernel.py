"""The compiled part: code points in, hashed n-grams and cue counts out.

Training and judging share these functions, so a model meets the very features it was trained on.
"""

from __future__ import annotations

from typing import Any

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
SHAPE = PAIRS + 7
PLAIN = SHAPE + 10

NEGATION_REACH = 4
DEGREE_REACH = 3
SCALE = np.float32(0.3)
"""Plain features are of the size of a handful of n-grams, or they would drown them."""

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_SEED = np.uint64(1469598103934665603)


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
    return h


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
def find_cue(symbols: Codes, m: int, at: int, keys: Any, masks: Any) -> tuple[int, int]:
    """Length and kinds of the longest cue word that begins at *at*; length 0 for none."""
    h = _SEED
    best, kinds = 0, 0
    last = keys.shape[0] - 1
    for n in range(min(LONGEST_CUE, m - at)):
        h = mix(h, np.uint64(symbols[at + n]))
        slot = np.int64(h & np.uint64(last))
        while keys[slot] != 0:
            if keys[slot] == h:
                best, kinds = n + 1, masks[slot]
                break
            slot = (slot + 1) & last
    return best, kinds


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
