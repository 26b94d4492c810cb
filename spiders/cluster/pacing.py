"""The delay of a host, kept by all machines of a shared frontier together: who may ask next, and when.

Each machine's own slots keep its own delay, as in any crawl. Right before a request leaves, it also takes
the host's next turn out of Redis: turns lie at least a delay apart, whichever machine has them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy import Request
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler
from scrapy.http import Response

from fengping.spiders.framework.middlewares import run_of

_TURN = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%d', at + ARGV[1]), 'PX', at - now + ARGV[1])
return at - now
"""


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
            await asyncio.sleep(turn(self._frontier.server, host, delay))
        return await super().download_request_async(request)


def turn(server: Any, host: str, delay: float) -> float:
    """Seconds until this machine may ask *host*, which is then left alone for *delay* by everybody.

    By the server's clock; the hosts of all sources are shared.
    """
    waits: int = server.eval(_TURN, 1, f"fengping:turn:{host}", max(1, round(delay * 1000)))
    return waits / 1000
