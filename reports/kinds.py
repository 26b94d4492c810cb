"""The kinds of report: their names, windows, titles, chapters, and what each is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from fengping.clock import day_start
from fengping.errors import UsageError, did_you_mean
from fengping.reports import numbers
from fengping.reports.facts.model import Window

CHAPTERS = (
    "preface", "statement", "overview", "fields", "cases", "hosts", "platforms",
    "spread", "moves", "official", "diagnosis", "advice", "appendix",
)  # fmt: skip
BRIEF = ("statement", "overview", "fields", "cases", "hosts", "moves", "appendix")
HOST = ("statement", "overview", "fields", "cases", "platforms", "spread", "moves", "appendix")
EVENT = ("statement", "dossier", "overview", "spread", "appendix")

Days = tuple[date, date]

CCA_EDITION_ENDS = {
    2019: (11, 15),
    2020: (11, 15),
    2021: (11, 12),
    2022: (11, 13),
    2023: (11, 16),
    2024: (11, 16),
}
"""Last days of the CCA's editions on Double 11, by year; later years as in 2024. The platforms' sale ends
before them: ``SALE_DOUBLE11_ENDS`` in :mod:`fengping.services.trends.campaigns`."""
CCA_EDITION_BEGINS = {2019: (11, 1)}
"""First days of those that do not begin on 20 October."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of report."""

    name: str
    season: str
    """Name of the occasion in its text (“双11”); empty for a window without one."""
    title: Callable[[Window, str], str]
    """Title of a window and a subject (直播带货, or the host or event)."""
    default: Callable[[date, int | None], Days] | None
    """First and last day when none are given, seen from today, in a given year or the latest."""
    chapters: tuple[str, ...] = CHAPTERS
    earlier: Callable[[Days], tuple[tuple[str, Days], ...]] = lambda days: ()
    """Names and days of comparable windows."""
    check: Callable[[Days], str] = lambda days: ""
    """An objection to days that are not of this kind, or nothing."""
    running: Callable[[Days], str] = lambda days: ""
    """本周 or 本月 where it is not over by the last of the days; else nothing."""
    yearly: bool = False
    """True where a year alone gives the days."""
    by_week: bool = False
    """True where a week gives the days."""
    about: Literal["", "host", "event"] = ""
    """The thing that such a report is about, whatever it is called; empty for none."""

    def before(self, window: Window) -> Iterator[tuple[str, Window]]:
        for name, (first, last) in self.earlier((window.first, window.last)):
            yield name, Window(day_start(first), day_start(last + timedelta(days=1)))


def double11(year: int) -> Days:
    """The window of that year's edition of the CCA."""
    begin = CCA_EDITION_BEGINS.get(year, (10, 20))
    end = CCA_EDITION_ENDS.get(year, CCA_EDITION_ENDS[2024])
    return date(year, *begin), date(year, *end)


def _season(days: Callable[[int], Days]) -> Callable[[date, int | None], Days]:
    def latest(today: date, year: int | None) -> Days:
        return days(year if year else today.year if today >= days(today.year)[0] else today.year - 1)

    return latest


def _six18(year: int) -> Days:
    return date(year, 6, 1), date(year, 6, 20)


def _national_day(year: int) -> Days:
    return date(year, 9, 30), date(year, 10, 10)


def _year_before(days: Callable[[int], Days]) -> Callable[[Days], tuple[tuple[str, Days], ...]]:
    """The edition of the year before, where this one has that edition's days."""

    def earlier(own: Days) -> tuple[tuple[str, Days], ...]:
        year = own[0].year
        return (("上年同期", days(year - 1)),) if own == days(year) else ()

    return earlier


def last_week(today: date, year: int | None) -> Days:
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + timedelta(days=6)


def _yesterday(today: date, year: int | None) -> Days:
    return today - timedelta(days=1), today - timedelta(days=1)


def _last_month(today: date, year: int | None) -> Days:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def period_before(days: Days) -> tuple[tuple[str, Days], ...]:
    length = days[1] - days[0] + timedelta(days=1)
    return (("上期", (days[0] - length, days[0] - timedelta(days=1))),)


def _period_and_year_before(days: Days) -> tuple[tuple[str, Days], ...]:
    """The period before, and the same days a year before; of more than a year the former alone."""
    if days[1] - days[0] >= timedelta(days=365):
        return period_before(days)
    first, last = (
        day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day) for day in days
    )
    return (*period_before(days), ("上年同期", (first, last)))


def _weeks_before(days: Days) -> tuple[tuple[str, Days], ...]:
    """The week before and the week of that number a year before; of a running week the same weekdays."""
    more = "" if not _running_week(days) else "同期"
    monday, length = days[0], days[1] - days[0]
    found = [(f"上周{more}" if more else "上期", monday - timedelta(weeks=1))]
    year, week, _ = monday.isocalendar()
    with suppress(ValueError):  # not every year has a week 53
        found.append((f"上年同周{more}", date.fromisocalendar(year - 1, week, 1)))
    return tuple((name, (first, first + length)) for name, first in found)


def _months_before(days: Days) -> tuple[tuple[str, Days], ...]:
    """The month before and that month a year before; of a running month the same days of each."""
    running = _running_month(days)
    first = days[0]
    found = []
    for name, begin in (
        ("上月", (first - timedelta(days=1)).replace(day=1)),
        ("上年同月", first.replace(year=first.year - 1)),
    ):
        end = _last_of(begin)
        last = end.replace(day=min(days[1].day, end.day)) if running else end
        found.append((f"{name}同期" if running else name, (begin, last)))
    return tuple(found)


def _last_of(first: date) -> date:
    """The last day of a month."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _running_week(days: Days) -> str:
    return "本周" if (days[1] - days[0]).days < 6 else ""


def _running_month(days: Days) -> str:
    return "本月" if days[1] < _last_of(days[0]) else ""


def _is_week(days: Days) -> str:
    if days[0].weekday() == 0 and (days[1] - days[0]).days == 6:
        return ""
    return "A weekly report is of one ISO week, Monday to Sunday"


def _is_month(days: Days) -> str:
    whole = days[0].day == 1 and (days[1] + timedelta(days=1)).day == 1 and (days[1] - days[0]).days < 31
    return "" if whole else "A monthly report is of one calendar month"


def _is_day(days: Days) -> str:
    return "" if days[0] == days[1] else "A daily report is of one day"


def _span(window: Window) -> str:
    return f"{numbers.full_day(window.first)}—{numbers.full_day(window.last)}"


def _edition(days: Callable[[int], Days], name: str) -> Callable[[Window, str], str]:
    """The year's title; other days than that edition's are named."""

    def title(window: Window, _: str) -> str:
        own = f"{window.first.year}年{name}消费维权舆情分析报告"
        return own if (window.first, window.last) == days(window.first.year) else f"{own}（{window.words()}）"

    return title


def _weekly_title(window: Window, subject: str) -> str:
    year, week, _ = window.first.isocalendar()
    return f"{subject}消费维权舆情周报（{year}年第{week}周{_until(window, _running_week)}）"


def _monthly_title(window: Window, subject: str) -> str:
    month = f"{window.first.year}年{window.first.month}月"
    return f"{subject}消费维权舆情月报（{month}{_until(window, _running_month)}）"


def _until(window: Window, running: Callable[[Days], str]) -> str:
    return f"，截至{numbers.day(window.last)}" if running((window.first, window.last)) else ""


KINDS = {
    "double11": Kind(
        "double11",
        "“双11”",
        _edition(double11, "“双11”"),
        _season(double11),
        earlier=_year_before(double11),
        yearly=True,
    ),
    "618": Kind(
        "618",
        "“6·18”",
        _edition(_six18, "“6·18”"),
        _season(_six18),
        earlier=_year_before(_six18),
        yearly=True,
    ),
    "holiday": Kind(
        "holiday",
        "",
        lambda window, _: (
            f"{window.first.year}年国庆假期消费维权舆情分析报告"
            if (window.first, window.last) == _national_day(window.first.year)
            else f"节假日消费维权舆情分析报告（{_span(window)}）"
        ),
        _season(_national_day),
        earlier=_year_before(_national_day),
        yearly=True,
    ),
    "daily": Kind(
        "daily",
        "",
        lambda window, subject: f"{subject}消费维权舆情日报（{numbers.full_day(window.first)}）",
        _yesterday,
        BRIEF,
        period_before,
        _is_day,
    ),
    "weekly": Kind(
        "weekly",
        "",
        _weekly_title,
        last_week,
        CHAPTERS,
        _weeks_before,
        _is_week,
        _running_week,
        by_week=True,
    ),
    "monthly": Kind(
        "monthly",
        "",
        _monthly_title,
        _last_month,
        CHAPTERS,
        _months_before,
        _is_month,
        _running_month,
    ),
    "host": Kind(
        "host",
        "",
        lambda window, subject: f"涉{subject}消费维权舆情报告（{_span(window)}）",
        None,
        HOST,
        _period_and_year_before,
        by_week=True,
        about="host",
    ),
    "event": Kind(
        "event",
        "",
        lambda window, subject: f"事件档案：{subject}（{_span(window)}）",
        None,
        EVENT,
        about="event",
    ),
    "custom": Kind(
        "custom",
        "",
        lambda window, subject: f"{subject}消费维权舆情分析报告（{_span(window)}）",
        None,
        by_week=True,
    ),
}


def find_kind(name: str) -> Kind:
    """Raises :class:`UsageError` with the nearest known kind."""
    if name not in KINDS:
        raise UsageError(f"Unknown report {name!r}.", remedy=did_you_mean(name, KINDS))
    return KINDS[name]
