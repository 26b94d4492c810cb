"""The delay of a host, kept by all machines of a shared frontier together: who may ask next, and when.

Each machine's own slots keep its own delay, as in any crawl. Right before a request leaves, it also takes
the host's next turn out of Redis: turns lie at least a delay apart, whichever machine has them.
"""

from __future__ import annotations

import asyncio

from scrapy import Request
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.http import Response

from fengping.spiders.framework.middlewares import run_of


class PacedDownloader(Downloader):
    """Scrapy's downloader, whose handlers wait for their turn."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.handlers = _PacedHandlers(crawler, self)


class _PacedHandlers(DownloadHandlers):
    """Every handler, of plain pages and of rendered ones, behind one gate."""

    def __init__(self, crawler: Crawler, downloader: Downloader) -> None:
        super().__init__(crawler)
        self._frontier = run_of(crawler).frontier
        self._downloader = downloader

    async def download_request_async(self, request: Request) -> Response:
        host = self._downloader.get_slot_key(request)
        # What AutoThrottle and robots.txt made of the delay so far; a slow site slows all machines.
        delay = self._downloader.slots[host].delay
        if self._frontier is not None and delay > 0:
            await asyncio.sleep(self._frontier.turn(host, delay))
        return await super().download_request_async(request)
