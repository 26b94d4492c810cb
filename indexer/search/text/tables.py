"""Long texts folded and parted by tables and compiled code, as :mod:`.folding` says.

Loaded by the first long text: a query is short, and loading compiled code takes half a second.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from fengping.analysis.text import characters
from fengping.indexer.search.text.folding import INVISIBLE, MAX_WORD, SPACE_TOKEN, SPACES, WHOLE
from fengping.indexer.search.text.kernel import DIGIT, LETTER, SINGLE, SPACE, separate


def simplified(text: str) -> str | None:
    """*text* without invisible characters, under NFKC, in small letters, each space a plain one; ``None`` for
    one that a table cannot fold."""
    return characters.folded(_simple(), text)


def parted(folded: str) -> str | None:
    """The tokens of folded text, parted by single spaces; ``None`` for one that compiled code cannot part."""
    codes = np.frombuffer(folded.encode("utf-16-le"), np.uint16)
    if len(codes) > len(folded):  # beyond the basic plane, and half a character is no token
        return None
    found = separate(codes, kinds(), ord(SPACE_TOKEN), MAX_WORD)
    return str(found.tobytes().decode("utf-16-le")) or None


@functools.cache
def _simple() -> characters.Codes:
    def fold(character: str) -> str | None:
        if INVISIBLE.match(character):
            return ""
        folded = characters.nfkc_lower(character)
        return folded if folded is None or not SPACES.match(folded) else " "

    return characters.table(fold)


@functools.cache
def kinds() -> NDArray[np.uint8]:
    """(65536,) the class of each folded character, as :mod:`.kernel` numbers them."""
    classes = np.full(1 << 16, SINGLE, np.uint8)
    classes[ord(" ")] = SPACE
    for kind, (of_kind, _) in zip((LETTER, DIGIT), WHOLE, strict=True):
        classes[[code for code in range(1 << 16) if of_kind.match(chr(code))]] = kind
    return classes
