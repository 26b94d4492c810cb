"""``spike``: several times what is usual for the key at this hour and weekday, within a day or an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from fengping.alerts.baseline import UNKNOWN, Counts, Ints, Need, Reference, Terms, hour_of
from fengping.alerts.rules.counting import Counting
from fengping.alerts.rules.rule import Enough, hours_between, span


class Preset(StrEnum):
    """Names for how readily a spike alarms."""

    FEWER = "fewer"
    BALANCED = "balanced"
    MORE = "more"


PRESETS: Mapping[Preset, Mapping[str, Any]] = {
    Preset.FEWER: {"num_events": 2, "spike_height": 4.0, "deviations": 8.0, "alarms_per_week": 2.0},
    Preset.BALANCED: {"num_events": 1, "spike_height": 3.0, "deviations": 5.0, "alarms_per_week": 5.0},
    Preset.MORE: {"num_events": 1, "spike_height": 2.0, "deviations": 3.0, "alarms_per_week": 20.0},
}
"""Values of each preset; a key that the rule sets itself wins."""


class Spike(Counting):
    """More than is usual for this key: median of the same hours before, with a floor for all keys."""

    registered_as: ClassVar[tuple[str, ...]] = ("spike",)
    needs_history: ClassVar[bool] = True

    preset: Preset = Preset.BALANCED
    repeats: bool = True
    """Like is compared with like: what is usual holds repeats as well."""
    num_events: Enough = 1
    spike_height: Annotated[float, Field(gt=1)] = 3.0
    """Times the usual that a window must hold."""
    deviations: Annotated[float, Field(ge=0)] = 5.0
    """Standard deviations over the usual, by the median absolute deviation."""
    alarms_per_week: Annotated[float, Field(gt=0)] = 5.0
    """Windows of all keys together that may rise to the floor in a week; beyond it the floor grows, so that a
    busy stream needs more than ``num_events``."""

    @model_validator(mode="before")
    @classmethod
    def _of_preset(cls, data: Any) -> Any:
        name = data.get("preset", Preset.BALANCED.value) if isinstance(data, dict) else None
        return {**PRESETS[Preset(name)], **data} if name in list(Preset) else data

    @model_validator(mode="after")
    def _spans_fit(self) -> Self:
        if self.timeframe % timedelta(hours=1):
            raise ValueError("the timeframe of a spike rule is whole hours: write 1h, 24h or 7d")
        if self.reference < 2 * max(self.timeframe, timedelta(days=1)):
            raise ValueError("the reference of a spike rule holds at least two days and two timeframes")
        return self

    @property
    def terms(self) -> Terms:
        return Terms(
            self.timeframe, self.reference, self.max_age, self.num_events, self.spike_height,
            self.deviations, self.min_history, self.alarms_per_week,
        )  # fmt: skip

    @property
    def least(self) -> int:
        return self.num_events

    def in_words(self) -> str:
        return (
            f"{span(self.timeframe)}内（或已在1小时内）达到该对象往常同一时段中位数的{self.spike_height:g}倍、"
            f"且高出{self.deviations:g}个标准差（此前{span(self.reference)}，中位数与绝对中位差），至少"
            f"{self.num_events}条（平时没有的，{self.num_events}条就报；有信息的历史不足{span(self.min_history)}的，"
            f"{max(UNKNOWN, self.num_events)}条才报），即预警；"
            f"若全部对象合计每周会多于{self.alarms_per_week:g}次达到此数，此数自动调高，以减少预警"
        )

    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        return reference.need(key, at)

    def usual_by_now(self, key: str, reference: Reference, now: datetime) -> float:
        """The least that an alarm needed for a day and as long as an affair must be calm: an hour that is
        always busy ends none that is unusual again with the next."""
        lasting = max(timedelta(days=1), max(1, self.recover_after) * self.timeframe)
        first = hour_of(now - min(lasting, self.horizon))
        return reference.lowest(key, hours_between(first, hour_of(now)))

    def prepare(self, key: str, reference: Reference, hours: Ints) -> None:
        reference.least(key, hours)

    def rising(self, key: str, reference: Reference, hours: Ints, counts: Counts) -> Ints:
        return self.over(key, reference, hours, counts)
