"""Number formats of reports, after the CCA's own habit.

Counts stand in full (14296274条), large ones in a digest in ten thousands (33.41万, 1430万), daily means
as 约53万, shares with two decimals. All rounding is half-up on exact decimals: the CCA itself rounds in
some years (52.95 → 53) and cuts in others (202.69 → 202), so a reader who compares must allow for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

UNCOUNTED = "本期未统计"
"""Text in place of a missing figure; never a zero."""

WAN = 10_000
NUMERALS = "一二三四五六七八九十"


def _round(value: Decimal | float, places: int, mode: str = ROUND_HALF_UP) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=mode)


def digits(value: int | None) -> str:
    """A count in full, as the CCA prints it: ``14296274``."""
    return UNCOUNTED if value is None else str(value)


def wan(value: int | None) -> str:
    """A count for a digest: ``33.41万`` under ten million, ``1430万`` from there, ``1.02亿`` from 10⁸."""
    if value is None:
        return UNCOUNTED
    if value < WAN:
        return str(value)
    if value >= WAN * WAN:
        return f"{_round(Decimal(value) / WAN / WAN, 2)}亿"
    return f"{_round(Decimal(value) / WAN, 0 if value >= 1000 * WAN else 2)}万"


def numeral(value: int) -> str:
    """``三``, ``十二``, ``二十``."""
    tens, ones = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十") + (
        NUMERALS[ones - 1] if ones else ""
    )


def mean(total: int, days: int) -> Decimal | None:
    """The exact daily mean, or ``None`` over no days."""
    return Decimal(total) / days if days else None


def about(daily: Decimal | float | None) -> str:
    """A daily mean for the overview: ``约53万``, ``约1.24万``; under ten thousand exact (``8238``)."""
    if daily is None:
        return UNCOUNTED
    if daily < WAN:
        return exact(daily)
    return f"约{_round(Decimal(daily) / WAN, 0 if daily >= 10 * WAN else 2)}万"


def exact(daily: Decimal | float | None) -> str:
    """A daily mean by class: whole from 100 up (``43692``), else one decimal, under one two decimals; none
    is printed as zero that is not."""
    if daily is None:
        return UNCOUNTED
    if daily > 0 and not _round(daily, 2):
        return "不足0.01"
    return str(_round(daily, 0 if daily >= 100 else 1 if daily >= 1 else 2))


def percent(part: int | None, whole: int | None) -> str:
    """A share with two decimals, ``24.87%``; of nothing there is no share."""
    if part is None or not whole:
        return UNCOUNTED
    share = _round(Decimal(100) * part / whole, 2)
    if share == 0 and part:
        return "不足0.01%"
    return f"{share}%"


def points(now: tuple[int, int], before: tuple[int, int]) -> Decimal:
    """Difference of two shares (part, whole) in percentage points, of the shares as printed."""
    first, second = (_round(Decimal(100) * part / whole, 2) for part, whole in (now, before))
    return first - second


def at_most(part: float, whole: float) -> str:
    """The bound of a ratio whose upper term is itself a bound: “311万, 真实不到11万” → ``3.6%``."""
    return f"{_round(Decimal(str(part)) * 100 / Decimal(str(whole)), 1, ROUND_CEILING)}%"


def day(value: date) -> str:
    return f"{value.month}月{value.day}日"


def full_day(value: date) -> str:
    return f"{value.year}年{day(value)}"


def span(first: date, last: date) -> str:
    """``10月20日至11月15日``; the year where the ends differ in it."""
    if first == last:
        return full_day(first)
    return f"{day(first)}至{day(last)}" if first.year == last.year else f"{full_day(first)}至{full_day(last)}"


def listed(words: Sequence[str]) -> str:
    """``甲、乙和丙``."""
    if len(words) < 2:
        return "".join(words)
    return f"{'、'.join(words[:-1])}和{words[-1]}"
