"""Folded text parted into tokens, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from fengping.analysis.compiled import compiled

SINGLE, LETTER, DIGIT, SPACE = range(4)
"""Classes of characters: a token of its own, part of a word or of a number, or a space."""


@compiled
def separate(codes: Any, kinds: Any, space: int, longest: int) -> Any:
    """The tokens of *codes*, parted by single spaces; *space* stands for a space that is a token.

    *kinds*: (65536,) the kind of each code. Empty where a word or number is longer than *longest*.
    """
    parted = np.empty(2 * codes.size + 1, np.uint16)
    to = length = 0
    before = SINGLE
    for i in range(codes.size):
        kind = kinds[codes[i]]
        code = codes[i]
        if kind == SPACE:
            after = kinds[codes[i + 1]] if i + 1 < codes.size else SINGLE
            between = before == after and before in (LETTER, DIGIT)
            before = SPACE
            if between:
                continue  # nothing else could stand there
            code = np.uint16(space)
        elif kind == before and kind in (LETTER, DIGIT):
            length += 1
            if length > longest:
                return parted[:0]
            parted[to] = code
            to += 1
            continue
        if to:
            parted[to] = 32
            to += 1
        parted[to] = code
        to += 1
        length = 1
        before = kind
    return parted[:to]
