"""Indices by month of publication: their names, and which of them a new document goes into.

``name-000001`` holds what has no date or an unlikely one, ``name-000001-2020.11`` what was published in that
month. A document stays in the index that it was first put into, also when its date is corrected: no id ever
stands twice. Each index of a month has, beside the alias of all, one of its own by which it is written.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from fengping.clock import SHANGHAI
from fengping.models import Document

FIRST = datetime(2016, 1, 1, tzinfo=SHANGHAI)
"""Livestream selling began that year: of what is older there is too little for indices by month."""
AHEAD = timedelta(days=31)
"""Time after which a date that lies ahead is a mistake, and makes no index."""

_INDEX = re.compile(r"(?P<base>.+-(?P<number>\d{6}))(?:-(?P<month>\d{4}\.\d{2}))?")


def month_of(document: Document) -> str:
    """The month of *document* as its index is named, in Chinese time; empty for none."""
    published = document.raw.published_at
    if published is None or not FIRST <= published <= document.indexed_at + AHEAD:
        return ""
    return f"{published.astimezone(SHANGHAI):%Y.%m}"


def base_of(index: str) -> str:
    """The index without a month that *index* belongs to, or is."""
    return _parts(index)["base"]


def number_of(index: str) -> int:
    """The number by which a rebuilt index follows the one before."""
    return int(_parts(index)["number"])


def within(index: str) -> str:
    """The month of *index*; empty where it is none of a month."""
    return _parts(index)["month"] or ""


def is_own(index: str, alias: str) -> bool:
    """True if *index* is one of those behind *alias*, or was, or is to be."""
    found = _INDEX.fullmatch(index)
    return found is not None and found["base"] == f"{alias}-{found['number']}"


def _parts(index: str) -> re.Match[str]:
    found = _INDEX.fullmatch(index)
    assert found is not None, index
    return found
