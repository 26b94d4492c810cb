"""Numbers and times of a query: ``>0.8``, ``2020-11-01``, ``-3d``."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from fengping.clock import day_of, day_start, iso, parse_moment
from fengping.errors import UsageError
from fengping.fields import FieldKind
from fengping.indexer.search.query.tree import Range, Since, Until
from fengping.models import FIELDS

_NUMBER = re.compile(r"(?P<operator>>=|<=|>|<|=|)\s*(?P<value>\d{1,15}(?:\.\d{1,15})?)", re.ASCII)
_SIGNS = str.maketrans({"＞": ">", "＜": "<", "≥": ">=", "≤": "<=", "＝": "="})
_RELATIVE = re.compile(r"[-－](?P<number>\d{1,4})(?P<unit>[hdw时天周])", re.ASCII)
_HOURS = {"h": 1, "时": 1}
_DAYS = {"d": 1, "天": 1, "w": 7, "周": 7}
_NAMED_DAYS = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1}
_CALENDAR = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)


def comparison(field: str, text: str) -> Range:
    """``>1000`` of a number field; raises :class:`UsageError`."""
    found = _NUMBER.fullmatch(text.translate(_SIGNS).strip())
    if found is None:
        raise UsageError(f"{text!r} compares {field} with no number.", remedy=f"Write {_example(field)}.")
    if not found["operator"] and not _counts(field):
        # A real number is hardly ever met exactly.
        raise UsageError(f"{field} needs > or < before {text!r}.", remedy=f"Write {_example(field)}.")
    sign, value = found["operator"] or "=", float(found["value"])
    low = None if "<" in sign else value
    high = None if ">" in sign else value
    return Range(field, low, high, low is None or "=" in sign, high is None or "=" in sign)


def bound(name: str, text: str, now: datetime | None) -> Since | Until:
    """``since`` or ``until`` a day (included) or time; days and hours back are counted from *now*."""
    try:
        moment = _moment(text.strip(), name == "until", now)
        whole = datetime.fromtimestamp(math.ceil(moment.timestamp()), UTC)
    except OverflowError:
        raise UsageError(f"{text!r} lies outside of the calendar.") from None
    return Until(whole) if name == "until" else Since(whole)


def absolute(text: str, now: datetime) -> str:
    """A day or time that is counted back from *now*, written out; any other as it is."""
    back = _RELATIVE.fullmatch(text)
    if back is None and text not in _NAMED_DAYS:
        return text
    moment = bound("since", text, now).moment
    return str(iso(moment)) if back and back["unit"] in _HOURS else str(day_of(moment))


def _moment(text: str, end: bool, now: datetime | None) -> datetime:
    back = _RELATIVE.fullmatch(text)
    if back is None and text not in _NAMED_DAYS:
        if found := _CALENDAR.fullmatch(text):
            text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
        try:
            return parse_moment(text, end=end)
        except UsageError:
            raise UsageError(
                f"{text!r} is no date.",
                remedy="Write 2020-11-11, 2020-11-11T20:00 (Chinese time), -3d or -12h.",
            ) from None
    if now is None:
        raise UsageError(f"{text!r} counts from today, and here is no today.", remedy="Write a date.")
    if back and back["unit"] in _HOURS:
        return now - timedelta(hours=int(back["number"]))
    days = int(back["number"]) * _DAYS[back["unit"]] if back else _NAMED_DAYS[text]
    start = day_start(day_of(now) - timedelta(days=days))
    return start + timedelta(days=1) if end else start


def _counts(field: str) -> bool:
    return FIELDS[field].kind is FieldKind.COUNT


def _example(field: str) -> str:
    return f"{field}:>1000" if _counts(field) else f"{field}:>0.8"
