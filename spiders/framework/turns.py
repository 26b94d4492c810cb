"""The order in which a run asks for pages, as priorities of its requests.

Lists come first, then what earlier runs met and could not fetch, then what is new. Once half of the run is
used, what is owed comes before the lists: neither of the two can keep the other from being asked for. In a
run after one that the site refused, the pages that it refused come last: a few in a row end the run.
"""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.framework.settings import RETRY_TIMES

_APART = RETRY_TIMES + 1
"""Scrapy takes one off with each retry, which keeps its place among the others."""

NEW = 0
LAST = NEW - _APART
LATER_LIST = NEW + _APART
OWED = LATER_LIST + _APART
LIST = OWED + _APART
PART = LIST + _APART


class ListsInTurn:
    """Has the lists that still wait once half of the run is used asked for after what is owed."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run_of(crawler)
        return cls(crawler)

    def process_request(self, request: Request) -> Request | None:
        if "list" in request.meta and request.priority > OWED:
            spider = self._crawler.spider
            if getattr(spider, "half_used", False):
                return request.replace(priority=LATER_LIST)
        return None
