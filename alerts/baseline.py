"""Baselines: a key's usual documents at this hour and weekday, and the number that is unusual.

Median and median absolute deviation, so that one scandal does not make the next one usual. Time in which
nothing at all was collected does not count: a gap in collecting is no calm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
        for hour, count in rows:
            counts[hour - self.first + 1] += count
        return np.cumsum(counts)

    def _clipped(self, hours: Ints) -> Ints:
        return np.clip(hours - self.first, 0, self._size)

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


class Reference:
    """The unusual number for each key, by the time before; the same answer whenever it is asked."""

    def __init__(self, counts: Counts, terms: Terms) -> None:
        self.counts, self._terms = counts, terms
        self._width = max(1, round(terms.timeframe / HOUR))
        self._lag = max(1, -(-max(terms.timeframe, terms.lag) // HOUR))
        self._days = max(1, terms.reference // timedelta(days=1))
        self._floors: dict[int, int] = {}
        self._hour_floors: dict[int, int] = {}
        self._needs: dict[tuple[str, int], Need] = {}
        self._known: dict[tuple[str, int], bool] = {}

    def need(self, key: str, at: datetime) -> Need:
        """The :class:`Need` of *key* for a window that ends at a moment."""
        hour = hour_of(at)
        if (key, hour) not in self._needs:
            self.prepare(key, np.array([hour]))
        return self._needs[key, hour]

    def before(self, key: str, hours: Ints) -> Ints:
        """Documents about *key* in the reference of each hour, which ends before what may still come in."""
        return self.counts.windows(key, hours - self._lag, 24 * self._days)

    def is_known(self, key: str, at: datetime) -> bool:
        """True where *key* had a document in the reference of a moment."""
        hour = hour_of(at)
        if (key, hour) not in self._known:
            self._known[key, hour] = bool(self.before(key, np.array([hour]))[0])
        return self._known[key, hour]

    def prepare(self, key: str, hours: Ints) -> None:
        """Reckons the needs of many *hours* at once."""
        days = np.arange(1, self._days + 1)
        ends = hours[:, None] + 1 - 24 * days[None, :]
        known = (24 * days[None, :] >= self._lag) & (self.counts.collected(ends, self._width) > 0)
        samples = self.counts.windows(key, ends, self._width).astype(float)
        weekly = known & (days % 7 == 0)[None, :]
        chosen = np.where((weekly.sum(axis=1) >= WEEKS)[:, None], weekly, known)
        usual = _median(samples, chosen)
        spread = SIGMA * _median(np.abs(samples - usual[:, None]), chosen)
        days_known = known.sum(axis=1)
        history = max(1, self._terms.min_history // timedelta(days=1))
        peaks = self._peaks(key, hours)
        terms = self._terms
        for n, hour in enumerate(hours.tolist()):
            if not days_known[n]:
                least = max(UNKNOWN, terms.least)
                self._needs[key, hour] = Need(least, least)
                continue
            floor = self._floor(hour) if days_known[n] >= history else max(UNKNOWN, self._floor(hour))
            day = max(terms.height * usual[n], usual[n] + terms.deviations * spread[n])
            needed = max(floor, int(np.ceil(day)))
            burst = max(floor, self._hour_floor(hour), int(np.ceil(terms.height * peaks[n])))
            self._needs[key, hour] = Need(needed, min(needed, burst), float(usual[n]))

    def _peaks(self, key: str, hours: Ints) -> NDArray[np.float64]:
        """The count of a day's busiest hour of *key*, the median of the days. One value a day."""
        starts, place = np.unique((hours - _MIDNIGHT) // 24 * 24 + _MIDNIGHT, return_inverse=True)
        ends = starts[:, None] + 1 - self._lag - np.arange(1, 24 * self._days + 1)[None, :]
        shape = (len(starts), self._days, 24)
        busiest = self.counts.windows(key, ends, 1).reshape(shape).max(axis=2).astype(float)
        known = self.counts.collected(ends, 1).reshape(shape).max(axis=2) > 0
        peaks: NDArray[np.float64] = _median(busiest, known)[place.reshape(-1)]
        return peaks

    def _floor(self, hour: int) -> int:
        """The least count that at most ``alarms_per_week`` windows of all keys together rose to.

        Where one named host a day gets a negative at all, the first is news; where a hundred do, one
        customer's complaint is none.
        """
        last = self._last_midnight(hour)
        if last not in self._floors:
            ends = last - self._width * np.arange(max(1, 24 * self._days // self._width))
            ends = ends[self.counts.collected(ends, self._width) > 0]
            counts = self.counts.every(ends, self._width)
            usual = np.median(counts, axis=1, keepdims=True) if len(ends) else counts
            self._floors[last] = self._least_risen(counts, usual, self._terms.alarms_per_week)
        return self._floors[last]

    def _hour_floor(self, hour: int) -> int:
        """The same for single hours, half as often: an hour may begin at any minute."""
        last = self._last_midnight(hour)
        if last not in self._hour_floors:
            ends = last - np.arange(24 * self._days)
            counts = self.counts.every(ends, 1)
            busiest = counts.reshape(len(counts), self._days, 24).max(axis=2)
            usual = np.median(busiest, axis=1, keepdims=True)
            self._hour_floors[last] = self._least_risen(counts, usual, self._terms.alarms_per_week / 2, 1)
        return self._hour_floors[last]

    def _last_midnight(self, hour: int) -> int:
        return (hour + 1 - self._lag - _MIDNIGHT) // 24 * 24 + _MIDNIGHT

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
