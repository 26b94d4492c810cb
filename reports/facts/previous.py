"""The figures of an earlier window or edition that a report compares with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fengping.reports.wording import Fact

CITED = "previous."
"""Begin of the ids of figures of an edition."""


@dataclass(frozen=True, slots=True)
class Previous:
    """The figures of an earlier window or edition."""

    name: str
    """上期, 上年同期, or the title of an edition."""
    total: Fact
    negative: Fact
    days: int | None = None
    """Days of its window; ``None``: as many as this one's."""
    collected: Fact | None = None
    """All documents of its days, whatever they are about; ``None`` of an edition that does not tell."""
    folded: tuple[int, int] | None = None
    """Negatives and all documents with reposts folded, where they are known."""
    spread: float = 1.0
    """By how much its days vary more than chance lets them."""
    spread_of_shares: float = 1.0
    """By how much its days' shares of negatives do."""
    parts: Mapping[str, Fact] = field(default_factory=dict)
    """Counts by the id that they have in this report: ``issue.C02``, ``host.某``, ``channel.news`` …"""
    spreads: Mapping[str, float] = field(default_factory=dict)
    """By how much the days of such a part vary more than chance lets them."""
    late: bool = False
    """True where no run of a source finished in its days: what there is of them came in afterwards."""
    empty: int = 0
    """Those of its days on which nothing came in, as far as no source is known to have run."""

    @property
    def cited(self) -> bool:
        """True of an edition, whose figures are cited."""
        return self.total.id.startswith(CITED)
