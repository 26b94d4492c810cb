"""Shares as they may be printed: the count, what it is a count of, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fengping.analysis.figures import wilson


@dataclass(frozen=True, slots=True)
class Share:
    """*count* of *of* documents."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """``None`` where there is nothing to have a share of: that is not 0 %."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval at 95 %, of what these documents are a sample of."""
        return wilson(self.count, self.of) if self.of else None

    def to_record(self) -> dict[str, Any]:
        interval = self.interval
        return {
            "count": self.count,
            "n": self.of,
            "share": None if self.value is None else round(self.value, 6),
            "interval": interval and [round(end, 6) for end in interval],
        }

    def __str__(self) -> str:
        return "–" if self.value is None else f"{self.value:.1%} (n = {self.of:,})"
