"""Times as Chinese pages and platforms write them: 年月日, relative (3小时前), epochs, ISO 8601, RFC 2822.

A time without a zone is Chinese time. What the text leaves open stays open: the precision says how exactly
the time is given, and the moment is cut down to it (a day is its 00:00 in Asia/Shanghai).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from fengping.analysis.text.english_dates import ENGLISH, MONTHS, ZONE, zone_of
from fengping.clock import SHANGHAI, local
from fengping.models import Precision

EARLIEST = 1994
"""China's first public web pages; an earlier year on a page is no time of publication."""
CLOCK_SKEW = timedelta(minutes=10)
"""Longest lead of a server's clock before ours."""
FRESH = timedelta(days=7)
"""Longest time between a date without a year and the moment it was new on a list that tells its year."""

_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?P<month>1[0-2]|0?[1-9])"
_HALF = r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|AM|PM)?"
_CLOCK = (
    r"(?:[\sT,，(（|]{0,4}(?:(?:星期|周)?[一二三四五六日天](?=[\s)）]))?[\s)）]{0,3}" + _HALF + r"\s?"
    r"(?P<hour>2[0-3]|[01]?\d)(?:\s?[:时點点]\s?(?P<minute>[0-5]\d)(?:\s?[:分]\s?(?P<second>[0-5]\d)?(?:\.\d{1,9})?"
    r"秒?)?|[时點点]整?)(?!\d)\s?(?P<after>AM|PM)?)?"
)
_WITH_YEAR = re.compile(
    r"(?<![\d.])(?:(?P<year>(?:19|20)\d\d)\s?(?P<sep>[-/.年_])\s?" + _MONTH + r"\s?(?:(?P=sep)|月)\s?" + _DAY
    + r"(?!\d)\s?[日号號]?|(?P<year2>(?:19|20)\d\d)(?P<month2>1[0-2]|0[1-9])(?P<day2>3[01]|[12]\d|0[1-9])"
    r"(?:(?P<hms>(?:2[0-3]|[01]\d)[0-5]\d(?:[0-5]\d)?)|(?!\d)))" + _CLOCK + ZONE,
    re.I,
)  # fmt: skip
# 2020 11/11 20:05:32: year, day and clock set in boxes of their own
_YEAR_APART = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d)\s{1,3}" + _MONTH + r"\s?[-/月]\s?" + _DAY
    + r"日?(?=\s{1,3}\d{1,2}:\d\d)" + _CLOCK,
    re.I,
)  # fmt: skip
# 11月11日 may stand alone; 11-11 needs a clock, or 1/2 would be a day of January.
_WITHOUT_YEAR = re.compile(
    r"(?<![\d./年-])(?:" + _MONTH + r"\s?月\s?" + _DAY + r"\s?[日号號]|" + _MONTH.replace("month", "month2")
    + r"[-/]" + _DAY.replace("day", "day2") + r"(?=\s{1,4}\d{1,2}:\d\d))" + _CLOCK,
    re.I,
)  # fmt: skip
_NAMED_DAY = re.compile(r"(?P<name>今天|今日|昨天|昨日|前天)" + _CLOCK, re.I)
_AGO = re.compile(
    r"(?P<n>\d{1,3}|半|[一二两三四五六七八九十])\s?个?(?P<unit>秒钟?|分钟?|小时|钟头|天|日)(?:之|以)?前|(?P<now>刚刚|刚才)"
)
_BARE = re.compile(
    r"^[\[(]?(?:(?:(?P<year>\d\d)[-/])?"
    + _MONTH
    + "[-/]"
    + _DAY
    + r")?(?(month)|(?=\S))"
    + _CLOCK
    + r"[\])]?$",
    re.I,
)
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?(?:\.\d+)?\s*$")
_NUMERALS = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
             "七": 7, "八": 8, "九": 9}  # fmt: skip
_NUMERAL_DATE = re.compile(
    r"(?P<year>[一二][〇零○一二三四五六七八九]{3})年(?P<month>十?[一二]|[一二三四五六七八九十])月"
    r"(?P<day>[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])日"
)


# In the order of trust, each with the signs one of which it cannot do without.
_PATTERNS = (
    *((pattern, ("20", "19")) for pattern in (_WITH_YEAR, _YEAR_APART, *ENGLISH)),
    (_NUMERAL_DATE, ("年",)),
    (_WITHOUT_YEAR, ("月", ":")),
    (_NAMED_DAY, ("今", "昨", "前")),
    (_AGO, ("前", "刚")),
)
_WIDE = re.compile("[\uff01-\uff5e\u3000\xa0]")
_HALF_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\xa0": " "}
_TWELVE_LATER = {
    **dict.fromkeys(("下午", "傍晚", "PM"), range(12)), **dict.fromkeys(("晚上", "晚间"), range(13)),
    "中午": range(4),
}  # fmt: skip
"""Hours that are twelve later on 24 hours, by the half of the day: 晚上12点 is midnight, 中午11点 is none."""
_DAYS_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2}
_UNITS = (
    ("秒", timedelta(seconds=1), Precision.SECOND),
    ("分", timedelta(minutes=1), Precision.MINUTE),
    ("小时", timedelta(hours=1), Precision.HOUR),
    ("钟头", timedelta(hours=1), Precision.HOUR),
    ("天", timedelta(days=1), Precision.DAY),
    ("日", timedelta(days=1), Precision.DAY),
)
_LONGEST = 2_000
"""Characters of a field looked at: a time stands at its beginning, if anywhere."""


@dataclass(frozen=True, slots=True)
class FoundTime:
    """A time in a text: ``text[start:end]``."""

    start: int
    end: int
    moment: datetime
    precision: Precision
    full: bool
    """True if the text gave the whole date: no year or day had to be supplied from the base."""
    has_year: bool = True
    """False for a day and month whose year the text leaves open."""


def parse_time(text: str, base: datetime) -> tuple[datetime, Precision] | None:
    """The first time in *text*, as aware UTC with its precision; ``None`` where there is none to rely on.

    *base* is the moment the text was seen (aware): relative times and dates without a year are counted from
    it (then with the precision ``year-inferred``, for it is a guess), and a time after it is refused.
    ``1个月前`` and ``去年`` are refused too: they name no day.
    An epoch (seconds or milliseconds), a bare clock and a bare ``11-11`` count only when nothing else
    stands in the text.
    """
    text = " ".join(normalised(text[:_LONGEST]).split())
    if epoch := _EPOCH.match(text):
        found = datetime.fromtimestamp(int(epoch.group(1)), UTC), Precision.SECOND
        return None if _refused(found[0], base) else found
    if bare := _BARE.match(text):
        found_bare = _from_match(bare, base)
        open_year = bare["month"] is not None and bare["year"] is None
        return (found_bare[0], Precision.YEAR_INFERRED) if found_bare and open_year else found_bare
    first = next(find_times(text, base), None)
    if first is None:
        return None
    return first.moment, first.precision if first.has_year else Precision.YEAR_INFERRED


def find_times(text: str, base: datetime) -> Iterator[FoundTime]:
    """Every usable time in *text* (already :func:`normalised`): whole dates first, then those without a
    year, then relative ones; each kind in the order of the text.
    """
    for pattern, needed in _PATTERNS:
        if not any(sign in text for sign in needed):
            continue
        read = _ago if pattern is _AGO else _from_match
        full = pattern not in (_WITHOUT_YEAR, _NAMED_DAY, _AGO)
        for match in pattern.finditer(text):
            if pattern is _NAMED_DAY and not match["hour"] and match.group() != text:
                continue  # 今天天气很好
            if found := read(match, base):
                yield FoundTime(match.start(), match.end(), *found, full, pattern is not _WITHOUT_YEAR)


@lru_cache(maxsize=500)
def normalised(text: str) -> str:
    """Full-width digits and punctuation as half-width, one for one, so that offsets stay valid."""
    return text if text.isascii() else _WIDE.sub(_half_width, text)


def _half_width(match: re.Match[str]) -> str:
    return _HALF_WIDTH[match.group()]


def _refused(moment: datetime, base: datetime) -> bool:
    return moment.year < EARLIEST or moment > base + CLOCK_SKEW


def _number(text: str) -> int:
    """``11``, ``十一`` or ``二〇二〇`` as a number."""
    if text.isdecimal():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)
    return int("".join(str(_NUMERALS[c]) for c in text))


def _from_match(match: re.Match[str], base: datetime) -> tuple[datetime, Precision] | None:
    groups = match.groupdict()
    clock = _clock(groups)
    day = _days(groups, base, clock)
    zone = zone_of(named) if (named := groups.get("zone")) else SHANGHAI
    for candidate in day:
        hour, minute, second = (n or 0 for n in clock)
        # Hour 24 is the next day's first.
        own = datetime(*candidate, hour % 24, minute, second, tzinfo=zone) + timedelta(days=hour // 24)
        moment = own.astimezone(UTC)
        if not _refused(moment, base):
            return moment, _precision(clock)
    return None


def _precision(clock: tuple[int | None, int | None, int | None]) -> Precision:
    hour, minute, second = clock
    if hour is None or clock == (0, 0, 0):  # systems that store only the day print 00:00:00
        return Precision.DAY
    if minute is None:
        return Precision.HOUR
    return Precision.MINUTE if second is None else Precision.SECOND


def _clock(groups: dict[str, str | None]) -> tuple[int | None, int | None, int | None]:
    """Hour, minute and second, as far as given, on 24 hours; midnight by 晚上12点 is 24."""
    if digits := groups.get("hms"):
        return int(digits[:2]), int(digits[2:4]), int(digits[4:]) if digits[4:] else None
    hour, minute, second = (int(v) if (v := groups.get(k)) else None for k in ("hour", "minute", "second"))
    half = (groups.get("half") or groups.get("after") or "").upper()
    if hour is not None:
        if hour in _TWELVE_LATER.get(half, ()):
            hour += 12
        elif hour == 12 and half in ("AM", "凌晨"):
            hour = 0
    return hour, minute, second


def _days(
    groups: dict[str, str | None], base: datetime, clock: tuple[int | None, int | None, int | None]
) -> list[tuple[int, int, int]]:
    """The calendar days the groups may mean, likeliest first: the last such day before *base*."""
    today = local(base).date()
    if name := groups.get("name"):
        if name in _DAYS_BACK:
            day = today - timedelta(days=_DAYS_BACK[name])
            return [(day.year, day.month, day.day)]
        month: int | None = MONTHS[name.lower()]
    else:
        text = groups.get("month") or groups.get("month2")
        month = _number(text) if text else None
    if month is None:  # a bare clock
        return [(d.year, d.month, d.day) for d in (today, today - timedelta(days=1))]
    day_text = groups.get("day") or groups.get("day2")
    year_text = groups.get("year") or groups.get("year2")
    if year_text and len(year_text) == 2:
        year_text = f"20{year_text}"
    years = [_number(year_text)] if year_text else [today.year, today.year - 1]
    days = [(year, month, _number(day_text or "1")) for year in years]
    return [d for d in days if d[2] <= monthrange(d[0], d[1])[1]]


def year_of_first_sight(moment: datetime, first_at: datetime) -> datetime | None:
    """*moment* in the year that puts it within :data:`FRESH` before it was first seen, or ``None``."""
    for year in (local(first_at).year, local(first_at).year - 1):
        try:
            guess = local(moment).replace(year=year).astimezone(UTC)
        except ValueError:  # 29 February
            continue
        if -CLOCK_SKEW <= first_at - guess <= FRESH:
            return guess
    return None


def _ago(match: re.Match[str], base: datetime) -> tuple[datetime, Precision] | None:
    if match["now"]:
        return cut(base, Precision.MINUTE), Precision.MINUTE
    unit, length, precision = next(u for u in _UNITS if match["unit"].startswith(u[0]))
    if match["n"] == "半":
        return None if unit in "秒天日" else (cut(base - length / 2, precision), precision)
    moment = base - _number(match["n"]) * length
    return cut(moment, precision), precision


def cut(moment: datetime, precision: Precision) -> datetime:
    """*moment* (aware) cut down to its precision, as UTC; days are Chinese days."""
    shown = local(moment).replace(microsecond=0)
    if precision is Precision.SECOND:
        return shown.astimezone(UTC)
    shown = shown.replace(second=0)
    if precision is not Precision.MINUTE:
        shown = shown.replace(minute=0)
    if precision is Precision.DAY:
        shown = shown.replace(hour=0)
    return shown.astimezone(UTC)
