"""Shopping campaigns as labelled windows: 618, 双11 and their like, by the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign of one year, both days included."""

    name: str
    first: date
    last: date


SALE_DOUBLE11_ENDS = (11, 11)
"""Last day of the platforms' sale, in every year. The CCA's editions end later: ``CCA_EDITION_ENDS`` in
:mod:`fengping.reports.kinds`."""
# Name, first and last (month, day). The platforms set their own beginnings, which differ by days and by
# year; these are the windows in which advance sales and the sale itself fall.
_YEARLY = (
    ("年货节", (1, 1), (1, 20)),
    ("3·8节", (3, 1), (3, 8)),
    ("3·15", (3, 15), (3, 15)),
    ("618", (5, 20), (6, 20)),
    ("双11", (10, 20), SALE_DOUBLE11_ENDS),
    ("双12", (12, 8), (12, 12)),
)

WORDS = {
    "年货节": ("年货",),
    "3·8节": ("3·8", "38节", "三八节", "女神节"),
    "3·15": ("3·15", "3.15", "315", "三一五"),
    "618": ("618", "六一八"),
    "双11": ("双11", "双十一", "11.11"),
    "双12": ("双12", "双十二", "12.12"),
}
"""The names of each campaign in texts."""


def campaigns(first: date, last: date) -> Iterator[Campaign]:
    """Campaigns that touch the days *first* to *last*, in time order."""
    for year in range(first.year, last.year + 1):
        for name, begin, end in _YEARLY:
            one = Campaign(name, date(year, *begin), date(year, *end))
            if one.first <= last and one.last >= first:
                yield one


def campaign_of(first: date, last: date) -> str:
    """The name of the campaign that the days touch, several with ``、``; empty for none."""
    return "、".join(one.name for one in campaigns(first, last))
