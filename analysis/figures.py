"""One measured number of accuracy, with what it was measured on and what is promised."""

from __future__ import annotations

from dataclasses import dataclass


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
