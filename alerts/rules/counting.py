"""Rules that count: an alarm is a window with enough documents that no alarm has shown."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from fengping.alerts.baseline import Counts, Ints, Need, Reference, hour_of, moment_of
from fengping.alerts.matches import Match
from fengping.alerts.rules.rule import Reading, Rule, distinct

HOUR = timedelta(hours=1)


class Counting(Rule):
    """A rule whose windows are judged by the number of their documents."""

    @abstractmethod
    def need(self, key: str, reference: Reference, at: datetime) -> Need:
        """Documents that an alarm needs in a window that ends at *at*: one number within an hour."""

    def strongest(
        self, key: str, matches: Sequence[Match], shown: Collection[str], reference: Reference, now: datetime
    ) -> Reading | None:
        window, latest = deque[Match](), deque[Match]()
        said: Counter[tuple[Any, ...]] = Counter()
        best: Reading | None = None
        need, hour, most = Need(0, 0), -1, 0
        timeframe, since, until = self.timeframe, now - self.max_age, now
        if hours := reference.possible(key, hour_of(since), hour_of(now)):
            if hours[1] < hours[0]:
                return None
            begun = moment_of(hours[0]) - timeframe
            matches = matches[bisect_left(matches, begun, key=_published) :]
            until = min(now, moment_of(hours[1] + 1))
        for match in matches:
            at = match.at
            if at > until:
                break
            if match.id in shown:
                continue
            window.append(match)
            latest.append(match)
            while latest[0].at <= at - HOUR:
                latest.popleft()
            said[self.voice(match)] += 1
            while at - window[0].at >= timeframe:
                _forget(said, self.voice(window.popleft()))
            if at <= since or len(window) < most:
                continue
            if hour_of(at) != hour:
                hour, need = hour_of(at), self.need(key, reference, at)
            if self._is_enough(latest, len(said), need):
                reading = self._reading(window, len(said), need)
                if best is None or (reading.reached, reading.count) >= (best.reached, best.count):
                    best, most = reading, reading.count if reading.reached else 0
        return best

    def _reading(self, window: deque[Match], said: int, need: Need) -> Reading:
        evidence = tuple(window)
        reached = self.min_publishers == 1 or distinct(evidence) >= self.min_publishers
        burst = need.hour if said < need.timeframe else None
        return Reading(len(evidence), need.timeframe, evidence, need.usual, reached, burst)

    def _is_enough(self, latest: deque[Match], said: int, need: Need) -> bool:
        """True where *said*, the voices of the window, are enough, or those of the *latest* hour."""
        if said >= need.timeframe:
            return True
        if min(said, len(latest)) < need.hour:
            return False
        return len({self.voice(match) for match in latest}) >= need.hour

    def high_until(self, matches: Sequence[Match], need: float, now: datetime) -> datetime | None:
        low = max(1, ceil(need * self.recover_ratio))
        found: datetime | None = None
        for first, last in zip(matches, matches[low - 1 :], strict=False):
            if last.at > now:
                break
            if last.at - first.at < self.timeframe:
                found = first.at + self.timeframe
        return found

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


def _published(match: Match) -> datetime:
    return match.at


def _forget(said: Counter[tuple[Any, ...]], one: tuple[Any, ...]) -> None:
    said[one] -= 1
    if not said[one]:
        del said[one]
