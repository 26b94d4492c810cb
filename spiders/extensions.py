"""The heartbeat of a crawl: saves marks, tells how far it is, ends with its parent, and closes the run."""

from __future__ import annotations

import os
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from twisted.internet.task import LoopingCall

from fengping.errors import FengpingError
from fengping.spiders.context import Run
from fengping.spiders.middlewares import run_of
from fengping.spiders.statuses import Flag

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
