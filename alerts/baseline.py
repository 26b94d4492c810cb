"""Baselines: a key's usual documents at this hour and weekday, and the number that is unusual.

Median and median absolute deviation, so that one scandal does not make the next one usual. Time in which
nothing at all was collected does not count: a gap in collecting is no calm.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fengping.clock import day_start
from fengping.indexer import Bucket

Ints = NDArray[np.int64]

HOUR = timedelta(hours=1)
UNKNOWN = 3
"""Documents that an alarm needs while less than ``min_history`` is known."""

SIGMA = 1.4826
"""Median absolute deviation → standard deviation of a normal distribution."""

WEEKS = 4
"""Same weekdays from which on only these are compared; fewer would be chance."""

_MIDNIGHT = int(day_start(date(1970, 1, 2)).timestamp()) // 3600
_NEVER = 2**40


@lru_cache(maxsize=2**16)  # a document's hour is asked at each decision that looks at it
def hour_of(moment: datetime) -> int:
    """Hours since 1970, UTC; Chinese hours begin with them."""
    return int(moment.timestamp()) // 3600


def moment_of(hour: int) -> datetime:
    """The inverse of :func:`hour_of`."""
    return datetime.fromtimestamp(hour * 3600, UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """Number of new documents that make an alarm: within the rule's timeframe, or already within one hour."""

    timeframe: int
    hour: int
    usual: float | None = None
    """The key's own documents in such a window, the median; ``None`` while too little is known."""


class Counts:
    """Hourly counts by key, and of everything collected; sums over any span by two look-ups."""

    def __init__(self, by_key: Iterable[Bucket], documents: Iterable[Bucket]) -> None:
        rows: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for bucket in by_key:
            rows[str(bucket.split)].append((hour_of(bucket.start), bucket.count))
        whole = [(hour_of(bucket.start), bucket.count) for bucket in documents]
        hours = [hour for row in (*rows.values(), whole) for hour, _ in row]
        self.first = min(hours, default=0)
        self._size = max(hours, default=self.first) - self.first + 1
        self._documents = self._cumulated(whole)
        self._cumulative = {key: self._cumulated(row) for key, row in rows.items()}
        self._nothing = np.zeros(self._size + 1, dtype=np.int64)
        self._matrix: NDArray[np.int64] | None = None

    @property
    def keys(self) -> list[str]:
        return list(self._cumulative)

    @property
    def last(self) -> int:
        """The last hour with a document."""
        return self.first + self._size - 1

    def windows(self, key: str, ends: Ints, width: int) -> Ints:
        """Counts of *key* in the *width* hours before each of *ends*."""
        return self._sums(self._cumulative.get(key, self._nothing), ends, width)

    def collected(self, ends: Ints, width: int) -> Ints:
        """Counts of everything in the *width* hours before each of *ends*."""
        return self._sums(self._documents, ends, width)

    def every(self, ends: Ints, width: int) -> Ints:
        """:meth:`windows` of all keys at once: one row a key."""
        if self._matrix is None:
            rows = list(self._cumulative.values())
            self._matrix = np.stack(rows) if rows else np.zeros((0, self._size + 1), dtype=np.int64)
        low, high = self._clipped(ends - width), self._clipped(ends)
        return self._matrix[:, high] - self._matrix[:, low]

    def _cumulated(self, rows: Iterable[tuple[int, int]]) -> Ints:
        counts = np.zeros(self._size + 1, dtype=np.int64)
        hours, numbers = np.array([*rows], dtype=np.int64).reshape(-1, 2).T
        np.add.at(counts, hours - self.first + 1, numbers)
        return np.cumsum(counts)

    def _clipped(self, hours: Ints) -> Ints:
        clipped: Ints = np.minimum(np.maximum(hours - self.first, 0), self._size)  # np.clip is slow for few
        return clipped

    def _sums(self, cumulative: Ints, ends: Ints, width: int) -> Ints:
        found: Ints = cumulative[self._clipped(ends)] - cumulative[self._clipped(ends - width)]
        return found


@dataclass(frozen=True, slots=True)
class Terms:
    """The parts of a rule that say what is unusual."""

    timeframe: timedelta
    reference: timedelta
    """The time before, that says what is usual."""
    lag: timedelta
    """Time within which documents still come in: it says nothing yet."""
    least: int
    height: float
    deviations: float
    min_history: timedelta
    alarms_per_week: float


class Usual:
    """A key's usual windows and busiest hour before each hour: the same for rules that call other numbers
    unusual. What was reckoned for the key asked last is kept."""

    def __init__(self, counts: Counts, terms: Terms) -> None:
        self.counts = counts
        self.width = max(1, round(terms.timeframe / HOUR))
        self.lag = max(1, -(-max(terms.timeframe, terms.lag) // HOUR))
        self.days = max(1, terms.reference // timedelta(days=1))
        self._key: str | None = None
        self._hours = np.empty(0, dtype=np.int64)
        self._table = np.empty((4, 0))

    def of(self, key: str, hours: Ints) -> NDArray[np.float64]:
        """Known days, median, deviation and busiest hour of *key* before each of *hours*, a row each."""
        if key != self._key:
            self._key, self._hours, self._table = key, hours[:0], np.empty((4, 0))
        further = np.setdiff1d(hours, self._hours)
        if len(further):
            every = np.concatenate((self._hours, further))
            order = np.argsort(every)
            table = np.concatenate((self._table, self._reckoned(key, further)), axis=1)
            self._hours, self._table = every[order], table[:, order]
        return self._table[:, np.searchsorted(self._hours, hours)]

    def _reckoned(self, key: str, hours: Ints) -> NDArray[np.float64]:
        days = np.arange(1, self.days + 1)
        ends = hours[:, None] + 1 - 24 * days[None, :]
        known = (24 * days[None, :] >= self.lag) & (self.counts.collected(ends, self.width) > 0)
        samples = self.counts.windows(key, ends, self.width).astype(float)
        weekly = known & (days % 7 == 0)[None, :]
        chosen = np.where((weekly.sum(axis=1) >= WEEKS)[:, None], weekly, known)
        usual = _median(samples, chosen)
        spread = SIGMA * _median(np.abs(samples - usual[:, None]), chosen)
        return np.stack((known.sum(axis=1).astype(float), usual, spread, self._peaks(key, hours)))

    def _peaks(self, key: str, hours: Ints) -> NDArray[np.float64]:
        """The count of a day's busiest hour of *key*, the median of the days. One value a day."""
        starts, place = np.unique((hours - _MIDNIGHT) // 24 * 24 + _MIDNIGHT, return_inverse=True)
        ends = starts[:, None] + 1 - self.lag - np.arange(1, 24 * self.days + 1)[None, :]
        shape = (len(starts), self.days, 24)
        busiest = self.counts.windows(key, ends, 1).reshape(shape).max(axis=2).astype(float)
        known = self.counts.collected(ends, 1).reshape(shape).max(axis=2) > 0
        peaks: NDArray[np.float64] = _median(busiest, known)[place.reshape(-1)]
        return peaks


@dataclass(frozen=True, slots=True)
class _Needs:
    """The needs of many hours of one key."""

    key: str
    places: dict[int, int]
    wide: Ints
    narrow: Ints
    usual: NDArray[np.float64]

    def need(self, hour: int) -> Need:
        at = self.places[hour]
        usual = float(self.usual[at])
        return Need(int(self.wide[at]), int(self.narrow[at]), None if np.isnan(usual) else usual)


class Reference:
    """The unusual number for each key, by the time before; the same answer whenever it is asked."""

    def __init__(self, counts: Counts, terms: Terms, usual: Usual | None = None) -> None:
        self.counts, self._terms = counts, terms
        self.usual = usual or Usual(counts, terms)
        """Shared by rules that differ in their terms alone."""
        self._width, self._lag, self._days = self.usual.width, self.usual.lag, self.usual.days
        self._floors: dict[int, int] = {}
        self._hour_floors: dict[int, int] = {}
        self._needs: dict[tuple[str, int], Need] = {}
        self._held: _Needs | None = None
        self._open: tuple[str, int, list[int]] | None = None
        self._known: dict[tuple[str, int], bool] = {}

    def need(self, key: str, at: datetime) -> Need:
        """The :class:`Need` of *key* for a window that ends at a moment."""
        hour = hour_of(at)
        if (key, hour) not in self._needs:
            held = self._held
            if held is None or held.key != key or hour not in held.places:
                held = self._reckoned(key, np.array([hour]))
            self._needs[key, hour] = held.need(hour)
        return self._needs[key, hour]

    def lowest(self, key: str, hours: Ints) -> int:
        """The fewest documents that an alarm of *key* needs in its timeframe at any of *hours*."""
        held = self._held
        if held is None or held.key != key or not held.places.keys() >= {*hours.tolist()}:
            held = self._reckoned(key, hours)
        return int(min(held.wide[held.places[hour]] for hour in hours.tolist()))

    def rule_out(self, key: str, first: int, possible: Ints) -> None:
        """From the hour *first* on, no window of *key* is enough but those that end in *possible* hours."""
        self._open = (key, first, possible.tolist())

    def possible(self, key: str, first: int, last: int) -> tuple[int, int] | None:
        """The first and the last hour between two in which a window may end that is enough.

        An empty range where none may; ``None`` where nothing was ruled out.
        """
        if self._open is None or self._open[0] != key or first < self._open[1]:
            return None
        hours = self._open[2]
        low, high = bisect_left(hours, first), bisect_right(hours, last)
        return (hours[low], hours[high - 1]) if low < high else (last, first - 1)

    def before(self, key: str, hours: Ints) -> Ints:
        """Documents about *key* in the reference of each hour, which ends before what may still come in."""
        return self.counts.windows(key, hours - self._lag, 24 * self._days)

    def is_known(self, key: str, at: datetime) -> bool:
        """True where *key* had a document in the reference of a moment."""
        hour = hour_of(at)
        if (key, hour) not in self._known:
            self.look_back(key, np.array([hour]))
        return self._known[key, hour]

    def look_back(self, key: str, hours: Ints) -> None:
        """Holds for :meth:`is_known` what was known of *key* at many *hours*."""
        for hour, count in zip(hours.tolist(), self.before(key, hours).tolist(), strict=True):
            self._known[key, hour] = count > 0

    def least(self, key: str, hours: Ints) -> tuple[Ints, Ints]:
        """Documents that an alarm needs at each of many *hours*: in the timeframe, and in one hour.

        Held for :meth:`need`, until other hours are asked.
        """
        self._held = held = self._reckoned(key, hours)
        return held.wide, held.narrow

    def _reckoned(self, key: str, hours: Ints) -> _Needs:
        terms = self._terms
        days, usual, spread, peaks = self.usual.of(key, hours)
        nights, place = np.unique(self._last_midnight(hours), return_inverse=True)
        place = place.reshape(-1)
        floor = np.array([self._floor(night) for night in nights.tolist()], dtype=np.int64)[place]
        hourly = np.array([self._hour_floor(night) for night in nights.tolist()], dtype=np.int64)[place]
        history = max(1, terms.min_history // timedelta(days=1))
        floor = np.where(days >= history, floor, np.maximum(UNKNOWN, floor))
        day = np.ceil(np.maximum(terms.height * usual, usual + terms.deviations * spread)).astype(np.int64)
        burst = np.ceil(terms.height * peaks).astype(np.int64)
        wide = np.where(days > 0, np.maximum(floor, day), max(UNKNOWN, terms.least))
        narrow = np.where(days > 0, np.minimum(wide, np.maximum(np.maximum(floor, hourly), burst)), wide)
        places = dict(zip(hours.tolist(), range(len(hours)), strict=True))
        return _Needs(key, places, wide, narrow, np.where(days > 0, usual, np.nan))

    def _floor(self, last: int) -> int:
        """The least count that at most ``alarms_per_week`` windows of all keys together rose to.

        Where one named host a day gets a negative at all, the first is news; where a hundred do, one
        customer's complaint is none.
        """
        if last not in self._floors:
            ends = last - self._width * np.arange(max(1, 24 * self._days // self._width))
            ends = ends[self.counts.collected(ends, self._width) > 0]
            counts = self.counts.every(ends, self._width)
            usual = np.median(counts, axis=1, keepdims=True) if len(ends) else counts
            self._floors[last] = self._least_risen(counts, usual, self._terms.alarms_per_week)
        return self._floors[last]

    def _hour_floor(self, last: int) -> int:
        """The same for single hours, half as often: an hour may begin at any minute."""
        if last not in self._hour_floors:
            ends = last - np.arange(24 * self._days)
            counts = self.counts.every(ends, 1)
            busiest = counts.reshape(len(counts), self._days, 24).max(axis=2)
            usual = np.median(busiest, axis=1, keepdims=True)
            self._hour_floors[last] = self._least_risen(counts, usual, self._terms.alarms_per_week / 2, 1)
        return self._hour_floors[last]

    def _last_midnight(self, hours: Ints) -> Ints:
        """The last midnight before what may still come in."""
        return (hours + 1 - self._lag - _MIDNIGHT) // 24 * 24 + _MIDNIGHT

    def _least_risen(self, counts: Ints, usual: NDArray[Any], per_week: float, width: int = 0) -> int:
        least = self._terms.least
        over = (counts >= np.maximum(self._terms.height * usual, least)) & (counts > 0)
        # A window counts where the one before it was not over: an affair of a week is one.
        onset = over.copy()
        onset[:, :-1] &= ~over[:, 1:]
        risen = np.sort(counts[onset])[::-1]
        allowed = int(per_week * counts.shape[1] * (width or self._width) / 168)
        return least if len(risen) <= allowed else max(least, int(risen[allowed]) + 1)


def _median(values: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median of the chosen values of each row; 0 where none is."""
    ordered = np.sort(np.where(chosen, values, np.inf), axis=1)
    count = chosen.sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    found = (ordered[rows, low] + ordered[rows, np.minimum(high, ordered.shape[1] - 1)]) / 2
    return np.where(count > 0, found, 0.0)
