"""``flatline``: less than ``threshold`` within ``timeframe`` of a key that usually has as much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import ClassVar, Self

import numpy as np
from pydantic import model_validator

from fengping.alerts.baseline import HOUR, Counts, Reference, hour_of
from fengping.alerts.match import Match
from fengping.alerts.rules.rule import Enough, Reading, Relevance, Rule, span

_LOOKED_BACK = 48
"""Hours before the timeframe in which a gap that reaches into it may have begun."""
_RARELY = 0.1
"""Share of days on which the same hours may be empty though others usually have something in them."""


class Flatline(Rule):
    """Silence where there is usually something: a source that dried up, a word that vanished."""

    registered_as: ClassVar[tuple[str, ...]] = ("flatline",)
    every_tick: ClassVar[bool] = True
    by_silence: ClassVar[bool] = True
    needs_history: ClassVar[bool] = True
    idle: ClassVar[frozenset[str]] = frozenset({"min_publishers"})

    key_by: str = "source"
    negative: bool = False
    min_relevance: Relevance = 0.0
    threshold: Enough = 1

    @model_validator(mode="after")
    def _counts_no_publishers(self) -> Self:
        if self.min_publishers > 1:
            raise ValueError(
                "a flatline rule tells that too little came, whoever wrote it: leave min_publishers out"
            )
        return self

    def in_words(self) -> str:
        return f"往常至少{self.threshold}条，而{span(self.timeframe)}内不足{self.threshold}条即预警"

    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        window = [match for match in matches if now - self.timeframe < match.at <= now]
        usual = self._usual(key, reference, now)
        if len(window) >= self.threshold or usual < self.threshold:
            return None
        if self._usual_of_watched(key, reference, now) < self.threshold:
            return None  # a gap in collecting is no silence
        return Reading(len(window), self.threshold, tuple(window), usual)

    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        """The end of the last silence, with the document by which the timeframe held ``threshold`` again."""
        times = [match.at for match in matches if match.at <= now]
        if sum(now - self.timeframe < at for at in times) < self.threshold:
            return now + self.timeframe
        # Just before the later of two documents so many places apart, the window held fewer.
        ends = [
            last
            for first, last in zip(times, times[self.threshold :], strict=False)
            if last - first > self.timeframe
        ]
        full = times[self.threshold - 1]
        if full - self.timeframe > now - self.horizon:  # what came before is known whole, and was too little
            ends.insert(0, full)
        return ends[-1] if ends else None

    def live_keys(self, reference: Reference, now: datetime) -> Collection[str]:
        return [key for key in reference.counts.keys if self._usual(key, reference, now) >= self.threshold]

    def _usual_of_watched(self, key: str, reference: Reference, now: datetime) -> float:
        """The median of days before in those hours of the timeframe in which something was collected.

        Hours on end count as a gap where nothing came of anything and others nearly always have something. A
        home that has nothing else, or no days before, cannot tell its own outage from silence: it is told.
        """
        counts, width, end = reference.counts, max(1, round(self.timeframe / HOUR)), hour_of(now)
        back = 24 * np.arange(1, self.reference // timedelta(days=1) + 1)
        back = back[back >= -(-max(self.timeframe, self.max_age) // HOUR)]
        back = back[counts.collected(end - back, width) > 0]
        if len(back) < max(1, self.min_history // timedelta(days=1)):
            return inf
        usual = counts.windows(key, end - back, width)
        for first, last in _empty_runs(counts, end - width - _LOOKED_BACK, end):
            others = counts.collected(last - back, last - first)
            others = others - counts.windows(key, last - back, last - first)
            inside = min(width, end - first) - (end - last)
            if inside > 0 and np.mean(others == 0) <= _RARELY:
                usual = usual - counts.windows(key, last - back, inside)
        return float(np.median(usual))

    def _usual(self, key: str, reference: Reference, now: datetime) -> float:
        """The median of the windows before."""
        width = max(1, round(self.timeframe / HOUR))
        last = hour_of(now) - -(-max(self.timeframe, self.max_age) // HOUR)
        ends = last - width * np.arange(max(1, self.reference // self.timeframe))
        ends = ends[reference.counts.collected(ends, width) > 0]
        return float(np.median(reference.counts.windows(key, ends, width))) if len(ends) else 0.0


def _empty_runs(counts: Counts, first: int, last: int) -> list[tuple[int, int]]:
    """Hours on end of ``[first, last)`` in which nothing at all was collected, each from and up to."""
    empty = counts.collected(np.arange(first + 1, last + 1), 1) == 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], empty, [False])))) + first
    return [*zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
