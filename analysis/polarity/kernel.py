"""The ground of the compiled part: code points become symbols, and places of a text are looked up in lists.

Training and judging share the kernels, so a model meets the very features it was trained on.
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

LONGEST_CUE = 6
"""Characters of the longest word of the lists."""
MOST_SYMBOLS = 1_500
"""Symbols of a text that are read: the head of a page says what it is about."""
KINDS = 24
"""Kinds of cue words, a bit each; their names are `lexicon.KINDS`."""
SENSES = 64
"""Numbers of a word's vector."""

# Symbols for what is one thing whatever its letters, in Unicode's private area.
URL = 0xE000
REPOST = 0xE001

BARE = np.zeros((6, 6), np.uint32)
"""Forms of «no comment» before a text that is passed on, each filled up with zeros."""
for _row, _words in zip(BARE, ("转发微博", "轉發微博", "快转微博", "转发", "轉發", "repost"), strict=True):
    _row[: len(_words)] = [ord(_symbol) for _symbol in _words]

# Lists of words, each with a value a word, by their columns in `Found`.
CUE, TONE_LIST, VALENCE_LIST, SENSE_LIST = 0, 1, 2, 3
LISTS = 4


class CueTable(NamedTuple):
    """Four lists of words in one hash table with open addressing: a place in a text is looked up once.

    Its length is a power of two, an empty slot is 0.
    """

    keys: npt.NDArray[np.uint64]
    lists: npt.NDArray[np.uint8]
    """Lists of the word in the same slot of `keys`: a bit each, by the columns of `Found`."""
    values: Index
    """(slots, LISTS) what each list says of it: kinds of cue by bit; log odds of positive against negative in
    sixteenths; how good or bad what it means is to people, in sixteenths; row of its vector."""
    sieve: npt.NDArray[np.uint64]
    """Bits, one set for each word: most places of a text that begin no word are known from here."""
    vectors: npt.NDArray[np.int8]
    """(words, SENSES) of length 127. Words by the company they keep: like words have like vectors, whether or
    not training met them."""
    weights: Floats
    """(words,) in how far a word tells anything: near 0 for the commonest, near 1 for rare ones."""


class Found(NamedTuple):
    """The longest word of each list that begins at each symbol; of length 0 for none."""

    lengths: npt.NDArray[np.int8]
    """(MOST_SYMBOLS, LISTS)"""
    values: Index
    """(MOST_SYMBOLS, LISTS)"""


PRIME = np.uint64(0x9E3779B97F4A7C15)
SEED = np.uint64(1469598103934665603)
KEPT = np.uint64((1 << 40) - 1)
"""Mask of a word's stored hash: five bytes tell a hundred thousand words apart; the file has them all."""


def kernel(function: Any) -> Any:
    """:func:`compiled`, its functions open to numpy's scalars and Python's alike."""
    return compiled(function)


@kernel
def mix(h: np.uint64, symbol: np.uint64) -> np.uint64:
    """One more symbol into a rolling hash."""
    h = (h ^ symbol) * PRIME
    return h ^ (h >> np.uint64(29))


@kernel
def hash_word(word: Codes) -> np.uint64:
    h = SEED
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
def says_nothing(symbols: Codes, m: int) -> bool:
    """True if the first *m* symbols are no comment of one's own."""
    begin = 0
    while begin < m and ends_clause(np.int64(symbols[begin])):
        begin += 1
    while begin < m and ends_clause(np.int64(symbols[m - 1])):
        m -= 1
    if begin == m:
        return True
    for words in BARE:
        n = 0
        while n < words.shape[0] and words[n] != 0:
            n += 1
        if m - begin == n and (symbols[begin:m] == words[:n]).all():
            return True
    return False


@kernel
def normalise(text: Codes, symbols: Codes, origin: Index) -> int:
    """Fills *symbols* and, for each, the place in *text* it came from; returns how many there are.

    Runs of digits and of blanks become one symbol, runs of anything else at most three; a web address is
    one symbol, and so is Weibo's ``//@name:`` before a reposted text. Where nothing but 转发微博 stands
    before that, both are left out: who passes a text on without a word of their own says what it says.
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
            if says_nothing(symbols, m):
                m = 0
                i += step
                while i < n and fold(np.int64(text[i])) == 32:
                    i += 1
                continue
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
def room() -> Found:
    """Room for what :func:`find_words` finds in one text."""
    return Found(np.zeros((MOST_SYMBOLS, LISTS), np.int8), np.zeros((MOST_SYMBOLS, LISTS), np.int32))


@kernel
def find_words(symbols: Codes, m: int, cues: CueTable, found: Found) -> None:
    """Fills *found* for the first *m* symbols."""
    last, bits = np.uint64(cues.keys.shape[0] - 1), np.uint64(64 * cues.sieve.shape[0] - 1)
    for i in range(m):
        for column in range(LISTS):
            found.lengths[i, column] = 0
        h = SEED
        for n in range(min(LONGEST_CUE, m - i)):
            h = mix(h, np.uint64(symbols[i + n]))
            key = h & KEPT
            bit = key & bits
            if not cues.sieve[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(1):
                continue
            slot = key & last
            while cues.keys[slot] != 0:
                if cues.keys[slot] == key:
                    for column in range(LISTS):
                        if cues.lists[slot] >> column & 1:
                            found.lengths[i, column] = n + 1
                            found.values[i, column] = cues.values[slot, column]
                    break
                slot = (slot + np.uint64(1)) & last


@kernel
def ends_clause(symbol: int) -> bool:
    return symbol in (
        32, 33, 44, 46, 58, 59, 63, 126, 0x2026, 0x3001, 0x3002, 0xFF5E, URL, REPOST,
    )  # fmt: skip
