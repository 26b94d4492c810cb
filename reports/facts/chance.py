"""Tests of chance for comparisons: none of the words 上升, 下降 without one."""

from __future__ import annotations

import math

SIGNIFICANT = 1.96
LEAST = 10
"""Documents in both together below which no comparison is tested."""


def rates_differ(now: int, days_now: int, then: int, days_then: int, *, spread: float = 1.0) -> bool:
    """True if two counts over days differ by more than chance.

    Poisson counts; *spread* (variance over mean of the daily counts, one at least) widens the bounds where
    days vary more than that.
    """
    if now + then < LEAST:
        return False
    rate = (now + then) / (days_now + days_then)
    error = math.sqrt(max(spread, 1.0) * rate * (1 / days_now + 1 / days_then))
    return abs(now / days_now - then / days_then) > SIGNIFICANT * error


def shares_differ(part: int, whole: int, part_then: int, whole_then: int) -> bool:
    """True if two shares differ by more than chance (pooled two-proportion test)."""
    if min(whole, whole_then) < 30 or part + part_then < LEAST:
        return False
    pooled = (part + part_then) / (whole + whole_then)
    error = math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_then))
    return error > 0 and abs(part / whole - part_then / whole_then) > SIGNIFICANT * error
