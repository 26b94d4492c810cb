"""The heartbeat of a crawl: saves marks, tells how far it is, closes the run. The pace that sites ask for.
And the memory a crawl may hold."""

from __future__ import annotations

import os
from typing import Self

import psutil
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.memusage import MemoryUsage
from scrapy.extensions.throttle import AutoThrottle
from scrapy.robotstxt import RobotParser
from twisted.internet.task import LoopingCall

from fengping.errors import FengpingError
from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.run import Run
from fengping.spiders.run.statuses import Flag

INTERVAL = 0.5
_STATS = {Flag.REQUESTS: "downloader/request_count", Flag.PAGES: "downloader/response_count"}


class Heartbeat:
    """Beats every half second from the first request to the last."""

    def __init__(self, run: Run, crawler: Crawler) -> None:
        self._run = run
        self._crawler = crawler
        self._parent = os.getppid()
        self._loop = LoopingCall(self._beat)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(run_of(crawler), crawler)
        crawler.signals.connect(made.spider_opened, signals.spider_opened)
        crawler.signals.connect(made.spider_closed, signals.spider_closed)
        return made

    def spider_opened(self, spider: Spider) -> None:
        self._loop.start(INTERVAL, now=False)

    def _beat(self) -> None:
        run = self._run
        try:
            if run.frontier is not None:
                run.frontier.beat()
            if run.memory.unsaved and run.fatal is None:
                run.save()
        except FengpingError as error:
            run.fatal = error
            run.stop("failed")
        self._count()
        run.report({"progress": run.progress()})
        if os.getppid() != self._parent:
            # Whoever asked for this crawl is gone and will not read its result.
            run.stop("shutdown")

    def spider_closed(self, spider: Spider, reason: str) -> None:
        if self._loop.running:
            self._loop.stop()
        self._count()
        self._run.report({"result": self._run.finish(reason).to_record()})

    def _count(self) -> None:
        for flag, name in _STATS.items():
            self._run.ledger.flags[flag] = self._crawler.stats.get_value(name, 0)


class CrawlDelay:
    """Keeps the ``Crawl-delay`` that a site's robots.txt asks for, where it is longer than ours."""

    def __init__(self, crawler: Crawler, agent: str, longest: float) -> None:
        self._crawler = crawler
        self._agent = agent
        self._longest = longest

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        if not settings.getbool("AUTOTHROTTLE_ENABLED"):
            raise NotConfigured("crawls without a delay are the operator's own site")
        made = cls(crawler, settings["ROBOTSTXT_USER_AGENT"], settings.getfloat("AUTOTHROTTLE_MAX_DELAY"))
        crawler.signals.connect(made.robots_parsed, signals.robots_parsed)
        return made

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        asked = robotparser.crawl_delay(self._agent)
        for throttle in self._crawler.extensions.middlewares:
            if isinstance(throttle, AutoThrottle) and asked is not None:
                throttle.mindelay = max(throttle.mindelay, min(asked, self._longest))


class HeldMemory(MemoryUsage):
    """Ends a crawl by the memory it holds now.

    Scrapy asks for the peak, and Linux counts the peak of the process that started this one into it: a
    crawl started by a large process would end before its first request.
    """

    def get_virtual_size(self) -> int:
        return int(psutil.Process().memory_info().rss)
