"""The telling spans of a text: where the symbols that speak for a verdict stand together."""

from __future__ import annotations

from typing import NamedTuple

from fengping.analysis.polarity.kernel import Codes, Floats, Index, ends_clause

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


def telling_spans(
    scores: Floats, symbols: Codes, origin: Index, length: int, most: int
) -> list[tuple[int, int, float]]:
    """At most *most* spans that add most to *scores*, apart from each other and each within one clause."""
    taken = [bool(ends_clause(int(symbol))) for symbol in symbols]
    values = scores.tolist()
    found: list[tuple[int, int, float]] = []
    while len(found) < most:
        best = _loudest(values, taken)
        if best is None:
            break
        first, last, weight = best
        for i in range(first, last):
            taken[i] = True
        end = int(origin[last]) if last < len(values) else length
        found.append((int(origin[first]), end, weight))
    return found


def _loudest(values: list[float], taken: list[bool]) -> tuple[int, int, float] | None:
    """The run of free symbols with the greatest sum, at most `LONGEST` long; None when all are faint."""
    best: tuple[int, int, float] | None = None
    for first in range(len(values)):
        total = 0.0
        for last in range(first, min(first + LONGEST, len(values))):
            if taken[last]:
                break
            total += values[last]
            if total > (best[2] if best else LEAST):
                best = (first, last + 1, total)
    return best
