"""Rules that count: an alarm is a window with enough documents that no alarm has shown."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from fengping.alerts.baseline import Counts, Ints, Need, Reference, hour_of, moment_of
from fengping.alerts.match import Match, published
from fengping.alerts.rules.rule import Reading, Rule, distinct

HOUR = timedelta(hours=1)


class _Best(NamedTuple):
    """A window that is enough, by its place among the documents that no alarm has shown."""

    low: int
    documents: int
    voices: int
    need: Need
    reached: bool

    def reading(self, fresh: Sequence[Match]) -> Reading:
        need = self.need
        evidence = tuple(fresh[self.low : self.low + self.documents])
        burst = need.hour if self.voices < need.timeframe else None
        return Reading(self.documents, need.timeframe, evidence, need.usual, self.reached, burst)


class Counting(Rule):
    """A rule whose windows are judged by the number of their documents."""

    @abstractmethod
    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        """Documents that an alarm needs in a window that ends at *at*: one number within an hour."""

    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        fresh: list[Match] = []  # those that no alarm has shown; the window is the last of them from *low* on
        low = hour_low = 0
        said: Counter[tuple[Any, ...]] = Counter()
        repeats = self.repeats  # then each match is a voice of its own, and none has to be told from others
        best: _Best | None = None
        need, hour, most = Need(0, 0), -1, 0
        timeframe, since, until = self.timeframe, now - self.max_age, now
        if hours := reference.possible(key, hour_of(since), hour_of(now)):
            if hours[1] < hours[0]:
                return None
            begun = moment_of(hours[0]) - timeframe
            matches = matches[bisect_left(matches, begun, key=published) :]
            until = min(now, moment_of(hours[1] + 1))
        for match in matches:
            at = match.at
            if at > until:
                break
            if match.id in shown:
                continue
            fresh.append(match)
            while fresh[hour_low].at <= at - HOUR:
                hour_low += 1
            while at - fresh[low].at >= timeframe:
                if not repeats:
                    _forget(said, self.voice(fresh[low]))
                low += 1
            if not repeats:
                said[self.voice(match)] += 1
            if at <= since or len(fresh) - low < most:
                continue
            if hour_of(at) != hour:
                hour, need = hour_of(at), self.need(key, reference, at)
            voices = len(fresh) - low if repeats else len(said)
            if not (voices >= need.timeframe or self._is_burst(fresh, hour_low, voices, need)):
                continue
            count = len(fresh) - low
            reached = self.min_publishers == 1 or distinct(fresh[low:]) >= self.min_publishers
            if best is None or (reached, count) >= (best.reached, best.documents):
                best, most = _Best(low, count, voices, need, reached), count if reached else 0
        return best and best.reading(fresh)

    def _is_burst(self, fresh: Sequence[Match], first: int, said: int, need: Need) -> bool:
        """True where the last hour of a window with *said* voices, those of *fresh* from *first* on, holds
        enough of them by itself."""
        if min(said, len(fresh) - first) < need.hour:
            return False
        return self.repeats or self.voices(fresh[first:]) >= need.hour

    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        low = max(1, ceil(need * self.recover_ratio))
        known = bisect_right(matches, now, key=published)
        for place in range(known - low, -1, -1):
            first = matches[place].at
            if matches[place + low - 1].at - first < self.timeframe:
                return first + self.timeframe
        return None

    def needed_now(self, key: str, reference: Reference, now: datetime) -> float:
        return self.need(key, reference, now).timeframe

    def candidates(self, key: str, counts: Counts, reference: Reference, hours: Ints) -> Ints:
        width = -(-self.timeframe // HOUR) + 1
        most = counts.windows(key, hours + 1, width)
        return self.rising(key, reference, hours[most >= self.least], counts)

    @property
    def least(self) -> int:
        """Documents below which no window is enough."""
        return 1

    def rising(self, key: str, reference: Reference, hours: Ints, counts: Counts) -> Ints:
        """Those of *hours* with at least :attr:`least` documents that may be enough."""
        return hours

    def over(self, key: str, reference: Reference, hours: Ints, counts: Counts) -> Ints:
        """Those of *hours* whose windows may hold what *reference* asks, or the lower threshold of it."""
        if not len(hours):
            return hours
        width = -(-self.timeframe // HOUR) + 1
        most, burst = counts.windows(key, hours + 1, width), counts.windows(key, hours + 1, 2)
        wide, narrow = reference.least(key, hours)
        return hours[(most >= wide) | (burst >= narrow)]


def _forget(said: Counter[tuple[Any, ...]], one: tuple[Any, ...]) -> None:
    said[one] -= 1
    if not said[one]:
        del said[one]
