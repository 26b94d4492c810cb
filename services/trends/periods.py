"""Windows beside windows: the period before and the year before, always on the same weekdays."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from fengping.clock import day_of, iso, local
from fengping.errors import UsageError
from fengping.indexer import Filter, Interval, Store
from fengping.indexer.search.fields import HOURS, bucket_start, bucket_starts

_WEEK = timedelta(days=7)
MOST_ROWS = 10_000
"""Intervals or cells that are counted beside all that was collected: 27 years of days, a year of hours."""


class Against(StrEnum):
    """A period to compare with."""

    PREVIOUS = "previous"
    """环比: as many whole weeks earlier as the window is long."""
    YEAR = "year"
    """同比: 52 weeks earlier."""


class Shift:
    """The way from a window to the compared period, which begins on the same weekday.

    Months go back by whole months, so that each stands beside one.
    """

    def __init__(self, since: datetime, until: datetime, by: Interval, against: Against) -> None:
        self._months = 0
        if by is Interval.MONTH:
            self._months = 12 if against is Against.YEAR else len(bucket_starts(since, until, by))
        weeks = 52 if against is Against.YEAR else -(-(until - since) // _WEEK)
        self._weeks = weeks * _WEEK

    def back(self, moment: datetime) -> datetime:
        """The moment of the compared period that *moment* stands beside."""
        if not self._months:
            return moment - self._weeks
        here = local(moment)
        month = here.year * 12 + here.month - 1 - self._months
        year, number = month // 12, month % 12 + 1
        last = monthrange(year, number)[1]
        return here.replace(year=year, month=number, day=min(here.day, last)).astimezone(UTC)


def earlier(where: Filter, against: Against) -> Filter:
    """The same question, asked of the compared period. Both ends of its window must be given."""
    since, until = ends(where)
    shift = Shift(since, until, Interval.DAY, against)
    return replace(where, since=shift.back(since), until=shift.back(until))


def ends(where: Filter) -> tuple[datetime, datetime]:
    """Both ends of a window; raises :class:`UsageError` where one is open."""
    if where.since is None or where.until is None:
        raise UsageError(
            "A comparison with another period needs both ends of the window.",
            remedy="Give --since and --until.",
        )
    return where.since, where.until


def bounded(store: Store, where: Filter) -> Filter:
    """*where* with its open ends at the first and after the last day on which it finds a document."""
    if where.since and where.until:
        return where
    found = [bucket.start for bucket in store.histogram(where, Interval.DAY)]
    if not found:
        return where
    return replace(
        where, since=where.since or min(found), until=where.until or max(found) + timedelta(days=1)
    )


def closed(store: Store, one: Filter, other: Filter) -> tuple[Filter, Filter]:
    """Both with open ends closed as far as anything is found; two that ask of the same window alike."""
    found = bounded(store, one), bounded(store, other)
    if (one.since, one.until) != (other.since, other.until):
        return found
    since = min((where.since for where in found if where.since), default=None)
    until = max((where.until for where in found if where.until), default=None)
    return replace(one, since=since, until=until), replace(other, since=since, until=until)


def weekday_shift(one: datetime, other: datetime) -> int:
    """Days to move the beginning *other* by, at most three either way, to the weekday of *one*."""
    apart = (day_of(one).weekday() - day_of(other).weekday()) % 7
    return apart - 7 if apart > 3 else apart


def check_rows(count: int) -> None:
    """Raises :class:`UsageError` for more rows than :data:`MOST_ROWS`: six of 47,000 took 2.8 GB at once."""
    if count > MOST_ROWS:
        raise UsageError(
            f"The table would have {count:,} rows, of at most {MOST_ROWS:,}.",
            remedy="Narrow --since and --until, count by wider intervals, or ask for fewer values.",
        )


def check_course(store: Store, where: Filter, by: Interval, split: str | None = None) -> None:
    """Raises as :func:`check_rows` for a course of more intervals, for each value of *split*, before any is
    counted; *where* as :func:`bounded` gives it."""
    if where.since is None or where.until is None:
        return
    values = len(store.terms(where, split, limit=MOST_ROWS)) if split else 1
    check_rows((where.until - where.since) // timedelta(hours=HOURS[by]) * values)


def starts(since: datetime, until: datetime, by: Interval) -> list[datetime]:
    """Starts of all intervals that the window touches."""
    return bucket_starts(since, until, by)


def interval_end(start: datetime, by: Interval) -> datetime:
    """The moment at which the interval that begins at *start* is over."""
    long = {Interval.HOUR: 1, Interval.DAY: 24, Interval.WEEK: 168, Interval.MONTH: 24 * 32}[by]
    return bucket_start(start + timedelta(hours=long), by)


def start_text(start: datetime, by: Interval) -> str:
    """``2020-11-01`` for a day, week or month; the whole time for an hour."""
    return iso(start) or "" if by == Interval.HOUR else day_of(start).isoformat()
