"""Texts folded character by character through a table, where that gives what folding them whole gives.

Unicode's own steps look at neighbours: accents join their letter, a final sigma has a small form of its own.
A character for which that may matter sets its text apart; the caller then folds it the long way. Chinese
posts hold hardly any, and a table costs them a tenth of the time.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.compiled import compiled

Codes = NDArray[np.uint16]

DROPPED, APART = 0, 1
"""Entries of a table: the character goes; its text is to be folded whole."""


def nfkc_lower(character: str) -> str | None:
    """*character* under NFKC in small letters, one character; ``None`` where a neighbour may change it."""
    folded = unicodedata.normalize("NFKC", character).lower()
    if len(folded) != 1 or character == "Σ" or not _joining().isdisjoint((character, folded)):
        return None
    return None if unicodedata.combining(character) or unicodedata.combining(folded) else folded


def table(fold: Callable[[str], str | None]) -> Codes:
    """(65536,) what *fold* makes of each character of the basic plane: another or none (``""``); ``None``
    sets its text apart."""
    entries = np.full(1 << 16, APART, np.uint16)
    for code in (*range(0xD800), *range(0xE000, 1 << 16)):
        folded = fold(chr(code))
        if folded is not None and (not folded or 1 < ord(folded) < 1 << 16):
            entries[code] = ord(folded) if folded else DROPPED
    return entries


def through(table: Codes, text: str) -> Codes | None:
    """The codes of *text* folded by *table*, read-only; ``None`` where it is to be folded whole."""
    folded: Codes = np.empty(2 * len(text), np.uint16)
    count = _through(np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16), table, folded)
    if count < 0:
        return None
    folded = folded[:count]
    folded.setflags(write=False)
    return folded


def folded(table: Codes, text: str) -> str | None:
    """*text* folded by *table*; ``None`` where it is to be folded whole."""
    codes = through(table, text)
    return None if codes is None else codes.tobytes().decode("utf-16-le")


@compiled
def _through(codes: Codes, table: Codes, folded: Codes) -> int:
    """Fold codes into *folded* and return their number; -1 where one sets the text apart."""
    count = 0
    for code in codes:
        entry = table[code]
        if entry == APART:
            return -1
        if entry != DROPPED:
            folded[count] = entry
            count += 1
    return count


@functools.cache
def _joining() -> frozenset[str]:
    """Characters that NFKC may join to the one before them, combining or not."""
    pairs = (unicodedata.decomposition(chr(code)).split() for code in range(1 << 16))
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and pair[0][0] != "<"}
    hangul = map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)))
    return frozenset((*seconds, *hangul))
