"""The telling spans of a text: where the symbols that speak for a verdict stand together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fengping.analysis.polarity.kernel import Codes, Floats, ends_clause, kernel

LONGEST = 10
"""Symbols of a span; a longer one points at nothing."""
LEAST = 0.15
"""Log odds below which a span is not worth showing."""


class Span(NamedTuple):
    """``text[start:end]``, the words themselves, and what they add to the log odds of negative."""

    start: int
    end: int
    feature: str
    weight: float


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
        sums[found] = LEAST
        for first in range(len(scores)):
            total = 0.0
            for last in range(first, min(first + LONGEST, len(scores))):
                if taken[last]:
                    break
                total += scores[last]
                if total > sums[found]:
                    sums[found], spans[found, 0], spans[found, 1] = total, first, last + 1
        if sums[found] == LEAST:
            return found
        taken[spans[found, 0] : spans[found, 1]] = True
    return len(spans)
