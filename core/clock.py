"""Time: stored in UTC, shown and counted by the Chinese day (Asia/Shanghai, no summer time since 1991)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from time import monotonic
from zoneinfo import ZoneInfo

from fengping.errors import UsageError

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL_DAYS = 28
"""Days that show what is usual, four of each weekday, wherever nobody names another period."""
YEARS = (1900, 2199)
"""First and last year that may be asked for: near the ends of the calendar no zone can be reckoned."""


def now() -> datetime:
    """The present moment, UTC. Called only by the command line, the scheduler and the console."""
    return datetime.now(UTC)


def going_on(moment: datetime) -> Callable[[], datetime]:
    """A clock that shows *moment* now: what takes long goes by it, and tests by a moment of theirs."""
    begun = monotonic()
    return lambda: moment + timedelta(seconds=monotonic() - begun)


def local(moment: datetime) -> datetime:
    """The same moment on Chinese clocks."""
    return moment.astimezone(SHANGHAI)


@lru_cache(maxsize=4096)  # a batch of documents was fetched within seconds and is indexed at one moment
def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with ``+08:00``, to the second; ``None`` stays ``None``."""
    return None if moment is None else local(moment).isoformat(timespec="seconds")


_FORMS = {"day": "%Y-%m-%d", "year-inferred": "%Y-%m-%d", "hour": "%Y-%m-%d %H时"}


def exactly(moment: datetime, precision: str) -> str:
    """*moment* on Chinese clocks, no finer than it is known: a day's 00:00 is not midnight.

    *precision* is a value of :class:`fengping.models.Precision`.
    """
    return local(moment).strftime(_FORMS.get(precision, "%Y-%m-%d %H:%M"))


def day_of(moment: datetime) -> date:
    """The Chinese calendar day a moment falls on."""
    return local(moment).date()


def day_start(day: date) -> datetime:
    """00:00 of a Chinese calendar day, as UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def parse_moment(text: str, *, end: bool = False) -> datetime:
    """A day (``2020-11-11``) or ISO time as UTC; without a zone it is Chinese time.

    With ``end=True`` a bare day means its end (00:00 of the next day), so that ``[since, until)``
    includes the day the user named. Raises :class:`UsageError` for anything else.
    """
    text = text.strip()
    try:
        if text[:4].isdigit() and not YEARS[0] <= int(text[:4]) <= YEARS[1]:
            raise ValueError(text)
        if len(text) == 10 and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            start = day_start(date.fromisoformat(text))
            return start + timedelta(days=1) if end else start
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: a day within hours of year 1 or 9999
        raise UsageError(
            f"{text!r} is not a date.", remedy="Write 2020-11-11 or 2020-11-11T20:00 (Chinese time)."
        ) from None


def parse_window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """``--since/--until`` as a half-open UTC window; raises :class:`UsageError` when it is empty."""
    start = parse_moment(since) if since else None
    stop = parse_moment(until, end=True) if until else None
    if start and stop and start >= stop:
        raise UsageError(f"The window {since} … {until} is empty.", remedy="Put the earlier day first.")
    return start, stop


def days_between(since: datetime, until: datetime) -> list[date]:
    """Every Chinese calendar day that ``[since, until)`` touches, in order."""
    first = day_of(since)
    last = day_of(until - timedelta(microseconds=1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
