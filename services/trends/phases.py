"""Phases of an event's life by its daily counts: 潜伏, 形成, 爆发, 衰退."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from fengping.clock import day_of
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search import trends
from fengping.services import events
from fengping.services.stores import the_store
from fengping.services.trends.shares import Share

ENOUGH = 10
"""Dated documents under which no phases are told."""
_OUTBREAK, _FORMING = 0.5, 0.1
"""Shares of the highest day at which the outbreak and the forming begin."""


class Phase(StrEnum):
    LATENT = "潜伏"
    FORMING = "形成"
    OUTBREAK = "爆发"
    DECLINE = "衰退"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One phase, both days included."""

    phase: Phase
    first: date
    last: date
    share: Share
    """Its documents, of all dated ones of the event."""

    def to_record(self) -> dict[str, Any]:
        return {
            "phase": self.phase.value, "first": self.first.isoformat(), "last": self.last.isoformat(),
            **self.share.to_record(),
        }  # fmt: skip


@dataclass(frozen=True)
class Timeline:
    """An event's course by day and its phases; none for too few documents."""

    id: str
    title: str
    days: Sequence[tuple[date, int]]
    phases: Sequence[Stretch]
    undated: int

    def to_record(self) -> dict[str, Any]:
        return {
            "id": self.id, "title": self.title, "undated": self.undated,
            "days": [{"day": day.isoformat(), "count": count} for day, count in self.days],
            "phases": [one.to_record() for one in self.phases],
        }  # fmt: skip


def timeline(home: Home, id: str, *, store: Store | None = None) -> Timeline:
    """The course and the phases of an event. Raises :class:`UsageError` for an unknown one."""
    event = events.find(home, id)
    with the_store(home, store) as opened:
        where = Filter(where={"event": (event.id,)})
        days = [(day_of(one.start), one.count) for one in trends.trend(opened, where, Interval.DAY)]
        return Timeline(event.id, event.title, days, phases(days), trends.undated(opened, where))


def phases(days: Sequence[tuple[date, int]]) -> list[Stretch]:
    """Phases of consecutive *days*, in time order; they cover every day, and none overlap.

    The outbreak is the run of days around the highest with at least half of its count; the forming the days
    before it from the first with a tenth; before lies the latency, behind the decline.
    """
    total = sum(count for _, count in days)
    if total < ENOUGH:
        return []
    top = max(range(len(days)), key=lambda at: (days[at][1], -at))
    height = days[top][1]
    begin = end = top
    while begin and days[begin - 1][1] >= _OUTBREAK * height:
        begin -= 1
    while end + 1 < len(days) and days[end + 1][1] >= _OUTBREAK * height:
        end += 1
    forming = next((at for at in range(begin) if days[at][1] >= _FORMING * height), begin)
    cuts = (
        (Phase.LATENT, 0, forming), (Phase.FORMING, forming, begin), (Phase.OUTBREAK, begin, end + 1),
        (Phase.DECLINE, end + 1, len(days)),
    )  # fmt: skip
    return [
        Stretch(
            phase,
            days[start][0],
            days[stop - 1][0],
            Share(sum(count for _, count in days[start:stop]), total),
        )
        for phase, start, stop in cuts
        if start < stop
    ]
