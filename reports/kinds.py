"""The kinds of report: their names, their windows, their titles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fengping.clock import day_of, day_start, parse_moment
from fengping.errors import UsageError, did_you_mean
from fengping.reports import numbers
from fengping.reports.facts.model import Window

LONGEST = 400
"""Days a window may span; longer ones have more days than a curve can show."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report."""

    name: str
    season: str
    """Name of the occasion in its text (“双11”); empty for a window without one."""
    title: Callable[[Window, str], str]
    """Title of a window and a subject (直播带货)."""
    default: Callable[[date], tuple[date, date]] | None
    """First and last day when none are given, seen from today."""
    compares: bool = False
    """True if the window of the same length before is counted and compared with."""


def _double11(today: date) -> tuple[date, date]:
    """The CCA's window of 2020 and 2022, in the latest year in which it has begun."""
    year = today.year if today >= date(today.year, 10, 20) else today.year - 1
    return date(year, 10, 20), date(year, 11, 15)


def _six18(today: date) -> tuple[date, date]:
    year = today.year if today >= date(today.year, 6, 1) else today.year - 1
    return date(year, 6, 1), date(year, 6, 20)


def _last_week(today: date) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def _weekly_title(window: Window, subject: str) -> str:
    year, week, _ = window.first.isocalendar()
    return f"{subject}消费维权舆情周报（{year}年第{week}周）"


def _custom_title(window: Window, subject: str) -> str:
    return (
        f"{subject}消费维权舆情分析报告（{numbers.full_day(window.first)}—{numbers.full_day(window.last)}）"
    )


KINDS = {
    "double11": Kind(
        "double11",
        "“双11”",
        lambda window, _: f"{window.first.year}年“双11”消费维权舆情分析报告",
        _double11,
    ),
    "618": Kind(
        "618",
        "“6·18”",
        lambda window, _: f"{window.first.year}年“6·18”消费维权舆情分析报告",
        _six18,
    ),
    "weekly": Kind("weekly", "", _weekly_title, _last_week, compares=True),
    "custom": Kind("custom", "", _custom_title, None),
}


def find_kind(name: str) -> Kind:
    """Raises :class:`UsageError` with the nearest known kind."""
    if name not in KINDS:
        raise UsageError(f"Unknown report {name!r}.", remedy=did_you_mean(name, KINDS))
    return KINDS[name]


def window_of(kind: Kind, first: str | None, last: str | None, now: datetime) -> Window:
    """The days to report on: whole Chinese days, never beyond today.

    Raises :class:`UsageError` for a missing, reversed, future or overlong window.
    """
    today = day_of(now)
    default = kind.default(today) if kind.default else None
    if default is None and not (first and last):
        raise UsageError(f"A {kind.name} report needs its days.", remedy="Give --from and --to.")
    begin = _day(first) if first else default[0] if default else today
    end = _day(last) if last else default[1] if default else today
    if begin > end:
        raise UsageError(f"The window {begin} … {end} is empty.", remedy="Put the earlier day first.")
    if begin > today:
        raise UsageError(
            f"The window begins on {begin}, which is in the future.", remedy=f"Today is {today}."
        )
    if (end - begin).days >= LONGEST:
        raise UsageError(f"The window {begin} … {end} is too long.", remedy=f"Give {LONGEST} days at most.")
    return Window(day_start(begin), day_start(min(end, today) + timedelta(days=1)))


def _day(text: str) -> date:
    day = day_of(parse_moment(text))
    if not 1990 <= day.year < 9999:
        raise UsageError(f"The day {text} is out of range.", remedy="Write a day such as 2020-11-11.")
    return day


def before(window: Window) -> Window:
    """The window of the same length just before."""
    return Window(window.since - (window.until - window.since), window.since)
