"""Summits of a course: intervals that stand out of what is usual at that time, by more than chance."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log, sqrt

from fengping.indexer import Interval
from fengping.services.trends.periods import interval_end

AROUND = timedelta(days=14)
"""Time before and after a summit by which the usual is measured."""
_HEIGHT = 1.5
_SURE = 3.0
_LEAST = 5
"""Documents under which nothing is a summit."""
_CHANCE = 0.05
"""Summits of one course that chance alone may raise."""

Course = Sequence[tuple[datetime, int | None]]
"""Counts of intervals in time order; ``None`` is a gap."""


@dataclass(frozen=True, slots=True)
class Summit:
    """A run of intervals with more documents than usual."""

    start: datetime
    end: datetime
    top: datetime
    top_count: int
    count: int
    usual: float
    """Documents expected in these intervals."""
    z: float
    """Height of the top over the usual, in its spread."""
    first: int
    last: int
    """Places of its first and last interval in the course."""


def summits_of(course: Course, by: Interval, within: range | None = None) -> list[Summit]:
    """Runs of intervals that stand out of the two weeks before and after; of the places *within* only.

    Usual is the median of the intervals around (of the same hour of the day, for hours), a height counts in
    its spread: Poisson's, or the one seen where that is wider. In a sparse course the median is 0 and every
    handful stands out of it, so the count must also be more than chance brings in the whole course.
    """
    places = range(len(course)) if within is None else within
    heights = {at: _height(course, at, by) for at in places}
    found: list[Summit] = []
    run: list[tuple[int, int, float, float]] = []
    for at in [*places, None]:
        height = None if at is None else heights[at]
        if at is not None and height is not None:
            run.append((at, *height))
        elif run:
            found.append(_summit(course, run, by))
            run = []
    return found


def _height(course: Course, at: int, by: Interval) -> tuple[int, float, float] | None:
    """Count, usual count and height of an interval that stands out; else ``None``."""
    count = course[at][1]
    if count is None or count < _LEAST:
        return None
    step, reach = 24 if by is Interval.HOUR else 1, AROUND.days
    places = [at + step * n for n in range(-reach, reach + 1) if abs(n) > 1]
    around = [course[p][1] for p in places if 0 <= p < len(course)]
    known = sorted(one for one in around if one is not None)
    if len(known) < 3:
        return None
    usual = float(statistics.median(known))
    spread = max(sqrt(max(usual, 1.0)), 1.4826 * statistics.median(abs(one - usual) for one in known))
    if count < _HEIGHT * usual or (count - usual) / spread < _SURE:
        return None
    if chance(count, max(usual, _calm(known))) * len(course) > _CHANCE:
        return None
    return count, usual, (count - usual) / spread


def _calm(known: Sequence[int]) -> float:
    """Mean of a sparse course but for its bursts: of Poisson's law, by how many intervals hold nothing.

    Half an interval more on each side keeps a few empty ones from being sure.
    """
    empty = sum(not one for one in known)
    return min((sum(known) + 1) / len(known), -log((empty + 0.5) / (len(known) + 1)))


def chance(count: int, mean: float) -> float:
    """Upper bound of Poisson's probability of *count* or more where *mean* are expected."""
    if count <= mean:
        return 1.0
    if not mean:
        return 0.0
    # The terms fall at least as fast as a geometric series of this ratio.
    return min(1.0, exp(count * log(mean) - mean - lgamma(count + 1)) / (1 - mean / (count + 1)))


def _summit(course: Course, run: Sequence[tuple[int, int, float, float]], by: Interval) -> Summit:
    first, last = run[0][0], run[-1][0]
    top = max(run, key=lambda one: (one[1], -one[0]))
    return Summit(
        course[first][0], interval_end(course[last][0], by), course[top[0]][0], top[1],
        sum(one[1] for one in run), sum(one[2] for one in run), top[3], first, last,
    )  # fmt: skip
