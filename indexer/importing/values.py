"""Cells of other people's tables as values: moments in their many spellings, counts, blanks. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from fengping.analysis.text.english_dates import ZONE, english_parts, zone_of
from fengping.clock import SHANGHAI
from fengping.models import Precision

BLANKS = frozenset(
    {"", "-", "--", "—", "/", "\\", "无", "空", "暂无", "未知", "null", "none", "nan", "n/a", "na", "#n/a"}
)

_MOMENT = re.compile(
    r"""(?P<year>\d{4}) \s*[-/.年]\s* (?P<month>\d{1,2}) \s*[-/.月]\s* (?P<day>\d{1,2}) \s*[日号]?
    (?: [T\s,]*
        (?P<half>上午|下午|中午|凌晨|早上|晚上|am|pm)? \s*
        (?P<hour>\d{1,2}) (?: \s*[时点:] \s* (?P<minute>\d{1,2})? (?: \s*[分:] \s* (?P<second>\d{1,2})? )? )?
        (?: [.,]\d+ )? \s*[时点分秒]? \s* (?P<after>am|pm)? \s* """
    + ZONE
    + ")?",
    re.VERBOSE | re.IGNORECASE,
)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?")
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)"
    r"(?:[ T]?(?P<hour>\d{2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?P<zone>Z)?)?)?)?"
)
_RELATIVE = re.compile(
    r"刚刚|[今昨前][天日]|[\d几半]+\s*(?:秒|分钟|小时|天|周|个月|月|年)前|\bago\b|yesterday|today",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(\d+(?:\.\d+)?)(万|亿|千|k|w|m)?\+?")
_RANK = re.compile(r"(?:第|no\.?|top\.?|#)?(\d{1,6})(?:\.0+)?(?:名|位)?")
_UNITS = {"": 1, "千": 10**3, "k": 10**3, "万": 10**4, "w": 10**4, "m": 10**6, "亿": 10**8}
# What platforms show where a count is zero or hidden: the name of the button.
_BUTTONS = frozenset({"赞", "点赞", "评论", "转发", "分享", "收藏", "抢首评", "回复"})
# Serial days of Excel and epoch seconds between 1990 and 2100.
_SERIALS = (32_874, 73_050)
_EPOCHS = (631_152_000, 4_102_444_800)
_EXCEL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)


_LONGEST_BLANK = max(map(len, BLANKS))


def is_blank(text: str) -> bool:
    text = text.strip()
    return len(text) <= _LONGEST_BLANK and text.lower() in BLANKS


# Days and minutes repeat from row to row.
@lru_cache(maxsize=4096)
def parse_published(text: str) -> tuple[datetime, Precision] | None:
    """A moment in UTC and how exactly it is known; ``None`` for a blank. Without a zone: Chinese time.

    ISO 8601, 2020/11/11 8:00, 2020年11月11日 下午8时, 20201111, epoch seconds or milliseconds, Excel's
    serial days, Wed Nov 11 20:00:00 +0800 2020, RFC 2822, November 11, 2020 8:00 PM; with ``2020-11-11 20``
    the hour alone is known. CST is China's. A zone or a word that is not known makes the whole unreadable.
    Raises ``ValueError`` saying why where there is no telling which moment is meant.
    """
    try:
        return _parsed(text)
    except OverflowError:  # a day within hours of year 1 or 9999
        raise ValueError(f"{text!r} lies at the end of all calendars") from None


def _parsed(text: str) -> tuple[datetime, Precision] | None:
    text = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if text.lower() in BLANKS:
        return None
    if found := _MOMENT.fullmatch(text):
        return _from_parts(text, found.groupdict())
    # Ten digits are epoch seconds, though 2020111120 might be a day and an hour.
    if (found := _COMPACT.fullmatch(text)) and len(text) != 10:
        return _from_parts(text, found.groupdict())
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _from_number(text)
    if parts := english_parts(text):
        return _from_parts(text, parts)
    if _RELATIVE.search(text):
        raise ValueError(f"{text!r} counts from a moment that the file does not tell")
    raise ValueError(f"{text!r} is not a date")


def _from_parts(text: str, parts: dict[str, str | None]) -> tuple[datetime, Precision]:
    hour, minute, second = parts["hour"], parts["minute"], parts["second"]
    half = (parts.get("half") or parts.get("after") or "").lower()
    hours = int(hour or 0)
    if half in {"下午", "晚上", "pm", "中午"} and hours < 12 and not (half == "中午" and hours > 2):
        hours += 12
    elif half == "晚上" and hours == 12:
        hours = 24
    elif half in {"上午", "凌晨", "早上", "am"} and hours == 12:
        hours = 0
    zone = zone_of(named) if (named := parts.get("zone")) else SHANGHAI
    try:
        day = datetime(int(parts["year"] or 0), int(parts["month"] or 0), int(parts["day"] or 0), tzinfo=zone)
        if hours > 24 or int(minute or 0) > 59 or int(second or 0) > 60:
            raise ValueError
    except ValueError:
        raise ValueError(f"{text!r} is a day or hour that does not exist") from None
    moment = day + timedelta(hours=hours, minutes=int(minute or 0), seconds=int(second or 0))
    if hour is None:
        return moment.astimezone(UTC), Precision.DAY
    if minute is None:
        return moment.astimezone(UTC), Precision.HOUR
    return moment.astimezone(UTC), Precision.MINUTE if second is None else Precision.SECOND


def _from_number(text: str) -> tuple[datetime, Precision]:
    value = float(text)
    if _SERIALS[0] <= value <= _SERIALS[1]:
        # Excel counts days; seconds come out of the fraction with a rounding error.
        moment = _EXCEL_ZERO + timedelta(days=int(value), seconds=round(value % 1 * 86_400))
        return moment.astimezone(UTC), Precision.SECOND if value % 1 else Precision.DAY
    for unit in (1, 10**3, 10**6):
        if _EPOCHS[0] <= value / unit <= _EPOCHS[1]:
            return datetime.fromtimestamp(value // unit, UTC), Precision.SECOND
    raise ValueError(f"{text!r} is not a date")


def parse_count(text: str) -> int | None:
    """A count as platforms write it: ``1,234``, ``1.2万``, ``10万+``, ``3w``; ``None`` where none is shown.

    Raises ``ValueError`` for anything else.
    """
    text = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "").lower()
    if text in BLANKS or text in _BUTTONS:
        return None
    found = _COUNT.fullmatch(text.removesuffix("热度").rstrip("次条个"))
    if not found:
        raise ValueError(f"{text!r} is not a count")
    count = float(found[1]) * _UNITS[found[2] or ""]
    if count >= 2**63:
        raise ValueError(f"{text[:40]!r} is larger than any count")
    return round(count)


def parse_rank(text: str) -> int | None:
    """A place on a list: ``3``, ``第3名``, ``No.3``, ``TOP 3``, ``#3``; ``None`` where none is shown.

    Raises ``ValueError`` for anything else.
    """
    text = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    if text in BLANKS:
        return None
    found = _RANK.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a rank")
    return int(found[1])
