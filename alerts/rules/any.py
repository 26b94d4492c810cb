"""``any``: every document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from fengping.alerts.baseline import Need, Reference
from fengping.alerts.rules.counting import Counting
from fengping.alerts.rules.rule import Cooldown

_ONE = Need(1, 1)


class Any(Counting):
    """Each check tells what is new; without a cool-down unless the rule sets one."""

    registered_as: ClassVar[tuple[str, ...]] = ("any",)

    realert: Cooldown = timedelta(0)

    def in_words(self) -> str:
        return "有一条即预警"

    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        return _ONE
