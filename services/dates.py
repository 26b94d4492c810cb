"""Windows in words: 上周, last week, 最近7天, 2020年双11, as first and last Chinese calendar day."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from fengping.clock import YEARS
from fengping.errors import UsageError
from fengping.services.trends.campaigns import campaigns

_DAY = timedelta(days=1)
_HELP = "Write 上周, last 7 days, 2020-11, 2020年双11 or 2020-11-01..2020-11-15."
_MOST = 3_660


@dataclass(frozen=True, slots=True)
class Days:
    """A window of whole days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def resolve(text: str, today: date) -> Days:
    """The days that *text* means, seen from *today*. Raises :class:`UsageError` for what means none."""
    words = " ".join(text.strip().lower().replace("_", " ").split())
    if made := _FIXED.get(words):
        return made(today)
    for pattern, read in _PATTERNS:
        if match := pattern.fullmatch(words):
            try:
                return read(match, today)
            except (ValueError, OverflowError):
                break
    raise UsageError(f"{text!r} is no window.", remedy=_HELP)


def _week(today: date, back: int) -> Days:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Days(monday, monday + 6 * _DAY)


def _month(today: date, back: int) -> Days:
    number = today.year * 12 + today.month - 1 - back
    return _of_month(number // 12, number % 12 + 1)


def _of_month(year: int, month: int) -> Days:
    return Days(date(_year(year), month, 1), date(year, month, monthrange(year, month)[1]))


def _of_year(year: int) -> Days:
    return Days(date(_year(year), 1, 1), date(year, 12, 31))


def _year(year: int) -> int:
    if not YEARS[0] <= year <= YEARS[1]:
        raise ValueError(year)
    return year


_NAMED: dict[tuple[str, ...], Callable[[date], Days]] = {
    ("today", "今天", "今日"): lambda day: Days(day, day),
    ("yesterday", "昨天", "昨日"): lambda day: Days(day - _DAY, day - _DAY),
    ("前天",): lambda day: Days(day - 2 * _DAY, day - 2 * _DAY),
    ("this week", "本周", "这周", "这一周"): lambda day: _week(day, 0),
    ("last week", "上周", "上星期", "上一周"): lambda day: _week(day, 1),
    ("this month", "本月", "这个月"): lambda day: _month(day, 0),
    ("last month", "上月", "上个月"): lambda day: _month(day, 1),
    ("this year", "今年", "本年"): lambda day: _of_year(day.year),
    ("last year", "去年"): lambda day: _of_year(day.year - 1),
}
_FIXED = {name: made for names, made in _NAMED.items() for name in names}


def _recent(match: re.Match[str], today: date) -> Days:
    """The last days up to today, today included."""
    width = {"d": 1, "天": 1, "日": 1, "w": 7, "周": 7, "星": 7, "m": 30, "个": 30}
    days = int(match["n"]) * width[match["unit"][0]]
    if not 1 <= days <= _MOST:
        raise ValueError(days)
    return Days(today - timedelta(days=days - 1), today)


def _range(match: re.Match[str], today: date) -> Days:
    days = Days(date.fromisoformat(match["first"]), date.fromisoformat(match["last"]))
    if days.first > days.last:
        raise ValueError(match[0])
    _year(days.first.year), _year(days.last.year)
    return days


def _campaign(match: re.Match[str], today: date) -> Days:
    """A campaign of the year given, else the latest that has begun."""
    name = {"double 11": "双11", "双十一": "双11", "双十二": "双12", "double 12": "双12"}.get(
        match["name"], match["name"]
    )
    years = [_year(int(match["year"]))] if match["year"] else [today.year, today.year - 1]
    for year in years:
        for one in campaigns(date(year, 1, 1), date(year, 12, 31)):
            if one.name == name and (match["year"] or one.first <= today):
                return Days(one.first, one.last)
    raise ValueError(match[0])


_ISO = r"\d{4}-\d{2}-\d{2}"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days]], ...] = (
    (
        re.compile(
            r"(?:last|past|最近|过去|近)\s?(?P<n>\d{1,4})\s?(?P<unit>days?|weeks?|months?|天|日|周|星期|个月)"
        ),
        _recent,
    ),
    (re.compile(rf"(?P<first>{_ISO})\s?(?:\.\.|to|至|到|~|—|–)\s?(?P<last>{_ISO})"), _range),
    (
        re.compile(rf"(?P<first>{_ISO})"),
        lambda m, _: Days(date.fromisoformat(m[1]), date.fromisoformat(m[1])),
    ),
    (re.compile(r"(\d{4})[-年/](\d{1,2})月?"), lambda m, _: _of_month(int(m[1]), int(m[2]))),
    (
        re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
        lambda m, _: Days(
            date(_year(int(m[1])), int(m[2]), int(m[3])), date(int(m[1]), int(m[2]), int(m[3]))
        ),
    ),
    (re.compile(r"(\d{4})年?"), lambda m, _: _of_year(int(m[1]))),
    (
        re.compile(
            r"(?:(?P<year>\d{4})\s?年?\s?)?"
            r"(?P<name>618|双11|双十一|double 11|双12|双十二|double 12|3·15|3·8节|年货节)"
        ),
        _campaign,
    ),
)
