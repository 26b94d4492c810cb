"""``frequency``: ``num_events`` or more within ``timeframe``."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from fengping.alerts.baseline import Need, Reference
from fengping.alerts.rules.counting import Counting
from fengping.alerts.rules.rule import Enough, span


class Frequency(Counting):
    """Enough documents, whatever is usual. ``threshold`` is its name in rules of 0.1."""

    registered_as: ClassVar[tuple[str, ...]] = ("frequency", "threshold")

    num_events: Enough = 3

    @property
    def least(self) -> int:
        return self.num_events

    def in_words(self) -> str:
        return f"{span(self.timeframe)}内达到{self.num_events}条即预警"

    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        return Need(self.num_events, self.num_events)
