"""Daily counts and what can be said of their course; pure arithmetic on one series.

Peaks: local maxima of at least 1.3 times the median of the seven days around them, of ten documents or
more, and by more than chance above it (Poisson, 1.96 standard errors; felt only under fifty a day). Shape
words follow the rules read off the CCA's editions (coefficient of variation, maximum over mean, trend,
thirds); none but “较为平稳” is used where a dispersion test cannot tell the course from chance, and of one
half none where its days do not lie above the other's by more than chance.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from fengping.reports import numbers
from fengping.reports.facts.chance import SIGNIFICANT, rises

PEAK_FACTOR = 1.3
PEAK_WINDOW = 7
STEADY = 0.25
CONCENTRATED = 2.5
GROWTH = 1.3
HIGHEST = 0.25
"""Part of the second half's days, the highest, that growth does without."""
ENOUGH = 30
"""Documents below which a course is chance: neither peaks nor a shape are named."""
PEAK_LEAST = 10
"""Documents of a day below which it is neither a peak nor worth naming as the highest."""
FLUCTUATES = "有所波动"
CHANCE = 2.33
"""Standard normal value that the dispersion test must exceed (one in a hundred by chance)."""


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of consecutive Chinese calendar days, real zeros included."""

    days: tuple[date, ...]
    counts: tuple[int, ...]

    @classmethod
    def fill(cls, days: Sequence[date], counts: Mapping[date, int]) -> Series:
        """*counts* on the calendar *days*, zero where nothing was counted."""
        return cls(tuple(days), tuple(counts.get(day, 0) for day in days))

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def top(self) -> int:
        return max(self.counts, default=0)

    @property
    def top_days(self) -> tuple[date, ...]:
        """Every day that has the maximum (ties are told); none where all are zero."""
        return tuple(d for d, n in zip(self.days, self.counts, strict=True) if n == self.top and n)

    def name(self, day: date) -> str:
        """``11月11日``, with the year where the days touch two."""
        return numbers.day(day) if self.days[0].year == self.days[-1].year else numbers.full_day(day)

    def peaks(self, limit: int = 5) -> tuple[tuple[date, int], ...]:
        """The highest *limit* local peaks, in time order; a plateau counts by its first day."""
        if self.total < ENOUGH or not self.varies():
            return ()
        found = [(self.days[at], self.counts[at]) for at in self._summits() if self._stands_out(at)]
        highest = sorted(found, key=lambda peak: (-peak[1], peak[0]))[:limit]
        return tuple(sorted(highest))

    def falls_beside(self, day: date) -> bool:
        """True if a day beside *day* is higher."""
        at, around = self.days.index(day) + 1, (0, *self.counts, 0)
        return around[at] < max(around[at - 1], around[at + 1])

    def _summits(self) -> list[int]:
        runs = [(value, len(list(run))) for value, run in groupby(self.counts)]
        found, at = [], 0
        for number, (value, length) in enumerate(runs):
            before = runs[number - 1][0] if number else -1
            after = runs[number + 1][0] if number + 1 < len(runs) else -1
            if value > before and value > after:
                found.append(at)
            at += length
        return found

    def _stands_out(self, at: int) -> bool:
        half = PEAK_WINDOW // 2
        around = self.counts[max(0, at - half) : at + half + 1]
        usual, n = statistics.median(around), self.counts[at]
        return n >= max(PEAK_LEAST, PEAK_FACTOR * usual) and n - usual > SIGNIFICANT * math.sqrt(
            max(usual, 1)
        )

    def varies(self) -> bool:
        """True if the days differ by more than chance: index of dispersion against chi-square.

        Wilson and Hilferty's cube root makes a standard normal of it.
        """
        free, average = len(self.counts) - 1, self.total / max(1, len(self.counts))
        if free < 1 or not average:
            return False
        index = sum((n - average) ** 2 for n in self.counts) / average
        part = 2 / (9 * free)
        return bool((math.cbrt(index / free) - (1 - part)) / math.sqrt(part) > CHANCE)

    @property
    def notable_days(self) -> tuple[date, ...]:
        """The highest day, or two that tie; none where counts are small, or the days alike."""
        days = self.top_days
        return days if self.top >= PEAK_LEAST and len(days) <= 2 and len(self.days) > 2 else ()

    def shape(self) -> str | None:
        """较为平稳, 未见超出随机波动的变化, 呈集中趋势, 波动上升 …; ``None`` for too little."""
        average = self.total / max(1, len(self.days))
        if self.total < ENOUGH or len(self.days) < 6 or average < 1:
            return None
        if statistics.pstdev(self.counts) / average < STEADY:
            return "较为平稳"
        if not self.varies():
            return "未见超出随机波动的变化"
        if self.top / average > CONCENTRATED and self.top >= PEAK_LEAST:
            return "呈集中趋势"
        third = len(self.days) // 3
        parts = [self.counts[:third], self.counts[third:-third], self.counts[-third:]]
        means = [statistics.fmean(part) for part in parts]
        middle = len(self.counts) // 2
        first, second = self.counts[:middle], self.counts[middle:]
        if self._slope() > 0 and means[2] == max(means) and rises(first, second):
            return "波动上升"
        if means[0] == max(means) and rises(second, first):
            return "集中在前半段"
        return "呈“倒V”形" if len(self.peaks()) == 1 else FLUCTUATES

    def halves(self, left: Set[date] = frozenset()) -> tuple[float, float]:
        """Daily means of the first and the second half without the days *left* out; a middle day belongs to
        the second."""
        first, second = self._halves(left)
        return (statistics.fmean(first) if first else 0.0), (statistics.fmean(second) if second else 0.0)

    def _halves(self, left: Set[date]) -> tuple[list[int], list[int]]:
        middle = len(self.counts) // 2
        kept = [(at < middle, n) for at, n in enumerate(self.counts) if self.days[at] not in left]
        return [n for early, n in kept if early], [n for early, n in kept if not early]

    def grows(self, left: Set[date] = frozenset()) -> bool:
        """True if the second half runs 1.3 times above the first, by more than chance.

        It does so without its highest days: those round an occasion are no growth. Days *left* out count in
        neither half: that nothing was collected is no calm.
        """
        first, late = self._halves(left)
        second = sorted(late)
        lower = second[: len(second) - max(1, round(HIGHEST * len(second)))]
        if self.total < ENOUGH or not sum(first) or not lower:
            return False
        return statistics.fmean(lower) >= GROWTH * statistics.fmean(first) and rises(first, lower)

    def _slope(self) -> float:
        return statistics.linear_regression(range(len(self.counts)), self.counts).slope
