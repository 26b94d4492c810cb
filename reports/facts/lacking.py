"""Figures of a title that its text does not give. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from fengping.models import Document
from fengping.reports.numbers import numeral

_FIGURE = re.compile(
    r"(?<![\d.a-zA-Z])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?:多|余)?(?P<scale>[千万亿]{0,2})(?:多|余)?(?P<unit>[元块斤倍年%％]?)"
)
_NO_FIGURE = re.compile(r"双\s?1[12]|[36]·?1[58]|(?:19|20)\d\d年?|\d+(?:月|日|号|时|点)|\d+岁")
"""Names of days and editions, dates and ages."""
_SCALES = {"千": 1_000, "万": 10_000, "亿": 100_000_000}
SMALL = 10
"""Numbers below, without a unit or a scale, count things that texts name otherwise."""


def lacking(document: Document) -> str:
    """The remark on figures of the title that the text does not give; empty where it gives all."""
    title, text = document.raw.title, document.raw.text
    if not text.strip():
        return ""
    told = {_value(found) for found in _FIGURE.finditer(text)}
    missing = [
        found[0]
        for found in _FIGURE.finditer(_NO_FIGURE.sub("　", title))
        if _is_telling(found) and _value(found) not in told and _written(found["number"]) not in text
    ]
    return f"标题所述{'、'.join(f'“{figure}”' for figure in missing)}，所收正文未载" if missing else ""


def _is_telling(found: re.Match[str]) -> bool:
    return bool(found["scale"] or found["unit"]) or _value(found) >= SMALL


def _value(found: re.Match[str]) -> Decimal:
    value = Decimal(found["number"].replace(",", ""))
    for scale in found["scale"]:
        value *= _SCALES[scale]
    return value


def _written(number: str) -> str:
    """Chinese numerals of a whole number up to 99; of another its digits."""
    return numeral(int(number)) if number.isdigit() and 0 < int(number) < 100 else number
