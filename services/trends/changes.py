"""Changes between two sides: how much, in per cent, and if chance may have done it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fengping.clock import day_of, day_start
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search.trends import Side, begun
from fengping.reports.facts import rates_differ, shares_differ
from fengping.reports.facts.chance import LEAST
from fengping.services.trends.gaps import collected
from fengping.services.trends.periods import starts

_WHOLE = 30
"""Documents below which no share is tested."""
_DAY = timedelta(days=1)
Days = tuple[float, float]
"""Days of both sides on which was collected; of one that still runs its part."""


class Moved(StrEnum):
    """The outcome of a test of chance; only the first two may be called a rise or a fall."""

    UP = "up"
    DOWN = "down"
    CHANCE = "within_chance"
    FEW = "too_few"
    UNKNOWN = "unknown"
    """Nothing was collected on one of the sides, or it is a day that has only begun."""


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of the first side beside that of the second."""

    name: str
    one: float | None
    other: float | None
    moved: Moved
    is_share: bool = False
    days: Days = (1, 1)
    """Days on which each figure came together: what is told of figures of unlike days is told a day."""

    @property
    def difference(self) -> float | None:
        """The first less the second: a count, or points of a share; ``None`` for counts of unlike days."""
        if self.one is None or self.other is None or self.moved is Moved.UNKNOWN:
            return None
        # Beside nothing at all the count itself says how much there is more.
        return self.one - self.other if self.days[0] == self.days[1] or not self.other else None

    @property
    def ratio(self) -> float | None:
        """The change a day in parts of the second; ``None`` for a share, and where the second is nothing."""
        if self.is_share or self.one is None or not self.other or self.moved is Moved.UNKNOWN:
            return None
        return (self.one * self.days[1]) / (self.other * self.days[0]) - 1

    def to_record(self) -> dict[str, Any]:
        """The JSON form."""
        scale = 100 if self.is_share else 1
        return {
            "points" if self.is_share else "difference": _rounded(self.difference, scale),
            **({} if self.is_share else {"percent": _rounded(self.ratio, 100)}),
            "moved": self.moved.value,
        }


def changes(sides: tuple[Side, Side], days: Days) -> tuple[Change, ...]:
    """Each figure of the first side against the second's, over the *days* on which was collected."""
    one, other = sides
    spread = max(one.spread, other.spread)
    counts = moved(one.dated, other.dated, days, spread)
    negative = moved(one.negative, other.negative, days, spread)
    parts = [
        Change("documents", one.documents, other.documents, counts, days=days),
        _share("share", (one.documents, one.all), (other.documents, other.all)),
        Change("negative", one.negative, other.negative, negative, days=days),
        _share("negative_share", (one.negative, one.documents), (other.negative, other.documents)),
        Change("daily_mean", one.daily_mean, other.daily_mean, counts, days=_parts(sides, days)),
    ]
    if all(side.all for side in sides):
        return tuple(parts)
    return tuple(Change(c.name, c.one, c.other, Moved.UNKNOWN, c.is_share) for c in parts)


def _parts(sides: tuple[Side, Side], days: Days) -> Days:
    """Parts of the days of the daily means that were collected: those count a day that begun as a whole."""
    one, other = (part / side.days if side.days else 0 for side, part in zip(sides, days, strict=True))
    return one, other


def days_collected(home: Home, store: Store, where: Filter, span: int, now: datetime) -> float:
    """Days of a window of *span* days but for those on which no source ran and nothing came: no zeros.

    Of days to come none, and of one that still runs the part that is over, to a tenth. None of a window in
    which nothing came at all.
    """
    if where.since is None or where.until is None or where.since >= where.until:
        return span
    found = collected(home, store, where, Interval.DAY, now)
    if not found.counts:
        return 0
    days = [
        day
        for day in starts(where.since, begun(where, now).until or where.until, Interval.DAY)
        if day_of(day) not in found.missing or found.all(day)
    ]
    if where.until <= now or day_start(day_of(now)) not in days:
        return len(days)
    part = max(0.1, round((now - days[-1]) / _DAY, 1))
    return len(days) if part == 1 else round(len(days) - 1 + part, 1)


def comparable(days: Days) -> bool:
    """False where nothing was collected on a side, or where it is a day's beginning beside other days."""
    return all(days) and (min(days) >= 1 or days[0] == days[1])


def moved(one: int, other: int, days: Days, spread: float) -> Moved:
    """The outcome of the test of two counts over *days* on which was collected; *spread* as of a side."""
    if not comparable(days):
        return Moved.UNKNOWN
    if one + other < LEAST:
        return Moved.FEW
    if not rates_differ(one, days[0], other, days[1], spread=spread):
        return Moved.CHANCE
    return Moved.UP if one / days[0] > other / days[1] else Moved.DOWN


def _share(name: str, one: tuple[int, int], other: tuple[int, int]) -> Change:
    values = [part / whole if whole else None for part, whole in (one, other)]
    if min(one[1], other[1]) < _WHOLE or one[0] + other[0] < LEAST:
        outcome = Moved.FEW
    elif not shares_differ(*one, *other):
        outcome = Moved.CHANCE
    else:
        outcome = Moved.UP if one[0] / one[1] > other[0] / other[1] else Moved.DOWN
    return Change(name, values[0], values[1], outcome, is_share=True)


def _rounded(value: float | None, scale: int) -> float | None:
    return None if value is None else round(value * scale, 4)
