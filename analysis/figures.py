"""One measured number of accuracy, with what it was measured on and what is promised; its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, exp, sqrt

_Z = 1.959964
"""Deviations from the mean that 95 % of a normal distribution lie within."""
_TAIL = 0.025


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Interval at 95 % of a share of which *hits* of *n* were seen; the whole of 0 to 1 where nothing was.

    Wilson 1927, *Probable inference, the law of succession, and statistical inference*, JASA 22.
    """
    if not n:
        return 0.0, 1.0
    share = min(1.0, hits / n)
    centre = share + _Z**2 / (2 * n)
    width = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    scale = 1 + _Z**2 / n
    return max(0.0, (centre - width) / scale), min(1.0, (centre + width) / scale)


def poisson(count: int) -> tuple[float, float]:
    """Exact interval at 95 % of the mean of a Poisson number of which *count* was seen.

    Garwood 1936, *Fiducial limits for the Poisson distribution*, Biometrika 28.
    """
    low = _where(lambda mean: 1 - _at_most(count - 1, mean) > _TAIL, count) if count else 0.0
    return low, _where(lambda mean: _at_most(count, mean) < _TAIL, 2 * count + 10)


def median_between(values: Sequence[float]) -> tuple[float, float] | None:
    """Interval at 95 % or more of the median, whatever the distribution: two of the *values* themselves.

    Each value is above the median as likely as not, so the ranks are those of a binomial number. ``None``
    for fewer than six, among which no two are far enough apart.
    """
    n, below, rank = len(values), 0.0, 0
    while rank < n and (below := below + comb(n, rank) / 2**n) <= _TAIL:
        rank += 1
    ordered = sorted(values)
    return (ordered[rank - 1], ordered[n - rank]) if rank else None


def _at_most(count: int, mean: float) -> float:
    """Probability of at most *count* where *mean* are expected."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total


def _where(is_over: Callable[[float], bool], high: float) -> float:
    """The number up to *high* from which on *is_over* holds."""
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_over(middle) else (middle, high)
    return high


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number."""

    name: str
    """``livestream-dev.negative.precision``: data set, task, measure. The key of its floor."""
    value: float
    n: int
    """Cases it was measured on."""
    asked: float | None = None
    """Promised value, where the product promises a number."""
    at_most: bool = False
    """For an error, where smaller is better."""
    data: str = ""
    """First 12 hex digits of the SHA-256 of the data's bytes (:func:`data_hash`)."""

    low: float | None = None
    """Ends of the 95 % interval, where one was computed: over resampled rows (bootstrap), of a share by
    :func:`wilson`, of a rate by :func:`poisson`, of a median by :func:`median_between`."""
    high: float | None = None
    left_out: bool = True
    """False for a set that earlier models were chosen by: what it shows is a little flattered."""

    @property
    def shown(self) -> str:
        """``0.8421 [0.812, 0.869]``"""
        interval = "" if self.low is None or self.high is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.4f}{interval}"

    @property
    def promise(self) -> str:
        """``≥ 0.93``, ``≤ 0.05``, or nothing where nothing is promised."""
        return "" if self.asked is None else f"{'≤' if self.at_most else '≥'} {self.asked}"
