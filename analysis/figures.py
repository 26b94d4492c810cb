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

    @property
    def promise(self) -> str:
        """``≥ 0.93``, ``≤ 0.05``, or nothing where nothing is promised."""
        return "" if self.asked is None else f"{'≤' if self.at_most else '≥'} {self.asked}"
