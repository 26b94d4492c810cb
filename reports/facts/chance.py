"""Tests of chance for comparisons: none of the words 上升, 下降, 增多 without one.

Documents are not independent of each other: one affair, or one text passed on, makes many of them, mostly on
a few days. So every test widens its bounds by how much the days vary.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

SIGNIFICANT = 1.96
LEAST = 10
"""Documents in both together below which no comparison is tested."""


def spread_of(counts: Sequence[int]) -> float:
    """Variance over mean of daily counts, one at least."""
    mean = statistics.fmean(counts) if counts else 0.0
    return max(1.0, statistics.pvariance(counts) / mean) if mean else 1.0


def spread_of_shares(parts: Sequence[int], wholes: Sequence[int]) -> float:
    """By how much daily shares vary more than chance lets them: Pearson's chi-square over its freedom."""
    days = [(part, whole) for part, whole in zip(parts, wholes, strict=True) if whole]
    whole = sum(n for _, n in days)
    share = sum(n for n, _ in days) / whole if whole else 0.0
    if len(days) < 2 or not 0 < share < 1:
        return 1.0
    index = sum((part - share * n) ** 2 / (n * share * (1 - share)) for part, n in days)
    return max(1.0, index / (len(days) - 1))


def rates_differ(now: int, days_now: float, then: int, days_then: float, *, spread: float = 1.0) -> bool:
    """True if two counts over days differ by more than chance.

    Poisson counts; *spread* (variance over mean of the daily counts, one at least) widens the bounds where
    days vary more than that.
    """
    if now + then < LEAST:
        return False
    rate = (now + then) / (days_now + days_then)
    error = math.sqrt(max(spread, 1.0) * rate * (1 / days_now + 1 / days_then))
    return abs(now / days_now - then / days_then) > SIGNIFICANT * error


def shares_differ(part: int, whole: int, part_then: int, whole_then: int, *, spread: float = 1.0) -> bool:
    """True if two shares differ by more than chance (pooled two-proportion test).

    *spread* of the daily shares widens the bounds where they vary more than chance lets them.
    """
    if min(whole, whole_then) < 30 or part + part_then < LEAST:
        return False
    pooled = (part + part_then) / (whole + whole_then)
    error = math.sqrt(max(spread, 1.0) * pooled * (1 - pooled) * (1 / whole + 1 / whole_then))
    return error > 0 and abs(part / whole - part_then / whole_then) > SIGNIFICANT * error


def rises(first: Sequence[int], second: Sequence[int]) -> bool:
    """True if the days of *second* lie above those of *first* by more than chance.

    Their means, by the variance of the days of each (Welch; Poisson's at least).
    """
    if min(len(first), len(second)) < 2:
        return False
    error = math.sqrt(sum(max(statistics.variance(x), statistics.fmean(x)) / len(x) for x in (first, second)))
    return error > 0 and statistics.fmean(second) - statistics.fmean(first) >= SIGNIFICANT * error
