"""Baselines of the ``spike`` kind of rule: a host's usual documents, and the number that is unusual."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from fengping.alerts.rules import Rule
from fengping.clock import day_start
from fengping.indexer import Bucket

UNKNOWN = 3
"""Documents that an alarm needs while less than one timeframe of history is known."""

_ORIGIN = day_start(date(1970, 1, 1))


@dataclass(frozen=True, slots=True)
class Need:
    """Number of new documents that make an alarm: within the rule's timeframe, or already within one hour."""

    timeframe: int
    hour: int
    usual: float = 0.0
    """The key's own documents in a timeframe, on the average of the reference."""


class Reference:
    """The counts of the days before, for all keys of a rule.

    *negatives* are hourly counts split by key, *documents* the hourly counts of everything collected; both
    are cut into spans of the rule's ``timeframe``. A span in which nothing was collected does not count:
    a gap in collecting is no calm.
    """

    def __init__(self, rule: Rule, negatives: Iterable[Bucket], documents: Iterable[Bucket]) -> None:
        self._rule = rule
        self._known = sorted({self._span(bucket.start) for bucket in documents})
        self._totals: dict[str, Counter[int]] = defaultdict(Counter)
        self._busiest: dict[str, Counter[int]] = defaultdict(Counter)
        for bucket in negatives:
            key, span = str(bucket.split), self._span(bucket.start)
            self._totals[key][span] += bucket.count
            self._busiest[key][span] = max(self._busiest[key][span], bucket.count)
        self._needs: dict[tuple[str, int], Need] = {}
        self._floors: dict[int, int] = {}

    def need(self, key: str, at: datetime) -> Need:
        """Return the :class:`Need` of *key* at a moment, by the spans that its timeframe does not touch."""
        last = self._span(at) - 1
        if (key, last) not in self._needs:
            self._needs[key, last] = self._reckon(key, last)
        return self._needs[key, last]

    def _span(self, at: datetime) -> int:
        return (at - _ORIGIN) // self._rule.timeframe

    def _spans(self, last: int) -> Sequence[int]:
        first = last - self._rule.reference // self._rule.timeframe
        return self._known[bisect_left(self._known, first) : bisect_left(self._known, last)]

    def _reckon(self, key: str, last: int) -> Need:
        spans = self._spans(last)
        if not spans:
            least = max(UNKNOWN, self._rule.num_events)
            return Need(least, least)
        usual = sum(self._totals[key][span] for span in spans) / len(spans)
        peak = sum(self._busiest[key][span] for span in spans) / len(spans)
        floor = self._floor(last, spans)
        height = self._rule.spike_height
        return Need(max(floor, ceil(height * usual)), max(floor, ceil(height * peak)), usual)

    def _floor(self, last: int, spans: Sequence[int]) -> int:
        """The least count that at most ``alarms_per_timeframe`` spans of all keys together went over.

        Where one named host a day gets a negative at all, the first is news; where a hundred do, one
        customer's complaint is none.
        """
        if last not in self._floors:
            risen = sorted(
                (
                    counts[span]
                    for counts in self._totals.values()
                    for usual in [sum(counts[span] for span in spans) / len(spans)]
                    for span in spans
                    if counts[span] and counts[span] >= self._rule.spike_height * usual
                ),
                reverse=True,
            )
            allowed = int(self._rule.alarms_per_timeframe * len(spans))
            self._floors[last] = max(self._rule.num_events, risen[allowed] + 1 if len(risen) > allowed else 0)
        return self._floors[last]
