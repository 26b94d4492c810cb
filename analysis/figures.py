"""One measured number of accuracy, with what it was measured on and what is promised; bounds of a share."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959964
"""Deviations from the mean that 95 % of a normal distribution lie within."""


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
    """Ends of the 95 % interval over resampled rows (bootstrap), where it was computed."""
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
