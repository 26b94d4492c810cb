"""Base of every spider of a source: belongs to a run, makes requests, and gives each URL its end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from fengping.errors import StoreDown
from fengping.spiders.framework import failure_status, is_door, refusal, response_status
from fengping.spiders.framework.politeness import spider_settings
from fengping.spiders.framework.responses import EXPIRED, LOGIN_PAGE, failure_cause, response_cause
from fengping.spiders.run import Job, Run
from fengping.spiders.run.pages import PageReader
from fengping.spiders.run.statuses import REMEMBERED, UNSETTLED, Flag, Status
from fengping.spiders.seen import Seen, next_visit
from fengping.spiders.seen.visits import GIVEN_UP, REJECTED_HOURS, is_owed, next_try

MAX_BLOCKED = 3
"""Refusals in a row after which a source is left alone until the next run."""

_TLS_OBJECT = re.compile(r" ssl:(?:<[^>]*>|\w+)")
"""An object that aiohttp prints into the sentence about a server that does not answer."""


class RunSpider(Spider):
    """A spider of one run. Its arguments are the fields of :class:`~fengping.spiders.run.context.Job`.

    Requests carry in ``meta["met"]`` the URL they were met by, which is closed in the ledger when their
    way ends: by :meth:`end`, or by the journal pipeline.
    """

    run: Run
    reader: PageReader

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        run = kwargs.pop("run", None)
        if run is None:
            run = Run.open(Job(home=str(Path(kwargs.pop("home", ".")).absolute()), **kwargs))
        crawler.settings.setdict(spider_settings(run.source, run.home.config.crawl), priority="spider")
        if run.frontier is not None:
            scheduler = "fengping.spiders.cluster.frontier.SharedScheduler"
            crawler.settings.set("SCHEDULER", scheduler, priority="spider")
            crawler.settings.set(
                "DOWNLOADER", "fengping.spiders.cluster.pacing.PacedDownloader", priority="spider"
            )
        spider = super().from_crawler(crawler, *args)
        spider.run = run
        run.stop = spider.stop
        spider.reader = PageReader()
        spider.prepare()
        crawler.signals.connect(spider.callback_failed, signals.spider_error)
        crawler.signals.connect(spider.reader.close, signals.spider_closed)
        return spider

    def prepare(self) -> None:
        """Called once the run is known, before the first request."""
        self._blocked_in_row = 0
        self._stopping: asyncio.Future[None] | None = None

    async def start(self) -> AsyncIterator[Any]:
        raise NotImplementedError
        yield

    def request(self, url: str, *, seen: Seen | None = None, **options: Any) -> Request:
        """A request with the source's headers, and with validators where the URL was seen before."""
        headers = dict(self.run.source.headers)
        if seen is not None and seen.etag:
            headers["If-None-Match"] = seen.etag
        if seen is not None and seen.last_modified:
            headers["If-Modified-Since"] = seen.last_modified
        # The ledger sees to it that nothing is asked twice, and counts it; Scrapy's filter would not.
        return Request(url, headers=headers, errback=self.failed, dont_filter=True, **options)

    def equip(self, request: Request) -> Request:
        """Gives a request what it cannot take through a shared frontier; the same request."""
        return request

    def classify(self, response: Response) -> Status | None:
        """Return the status of a response that is not to be read, or ``None`` for one that is."""
        status = response_status(response.status, response.body)
        if is_door(response.url, response.meta["met"]):
            status = Status.BLOCKED
        if cause := response_cause(response.status, status):
            self.run.ledger.flag(cause)
        self.count_refusal(status)
        return status

    def count_refusal(self, status: Status | None) -> None:
        """Leaves the site alone once it has refused several times in a row."""
        self._blocked_in_row = self._blocked_in_row + 1 if status is Status.BLOCKED else 0
        if self._blocked_in_row >= MAX_BLOCKED:
            self.stop("blocked")

    def stop(self, reason: str) -> None:
        """Ends the crawl once the requests under way are answered."""
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=reason))

    def end(self, met: str, status: Status, reason: str = "", key: str = "") -> None:
        """Closes a URL that gave no document; *reason* is told to the operator where it is a sentence.

        With the *key* of its document, a page that will hardly change is remembered as not kept, and a
        document that was visited again waits for the next step of its schedule.
        """
        run = self.run
        run.ledger.close(met, status)
        if reason:
            run.ledger.signal(f"{run.source.name}: {reason}")
        if key:
            self._remember(met, key, status)

    def _remember(self, met: str, key: str, status: Status) -> None:
        run, now = self.run, self.run.now()
        old = run.memory.find(key)
        if old is not None and old.content and status in UNSETTLED:
            # Else a site that is away for a moment would cost the document its visit.
            again = next_try(old.first_at, now, run.source.revisits)
            run.memory.mark(replace(old, checked_at=now, next_visit=again))
            run.ledger.kept.add(met)
        elif old is not None and is_owed(old) and status in UNSETTLED:
            again = next_try(old.first_at, now, ())
            run.memory.mark(replace(old, status=status, checked_at=now, next_visit=again))
            run.ledger.kept.add(met)
            if again is None and old.next_visit is not None:
                run.ledger.signal(
                    f"{run.source.name}: {met} could not be had for {GIVEN_UP.days} days and is asked for "
                    "only while a list shows it"
                )
        elif old is not None:
            hours = run.source.revisits if old.content else REJECTED_HOURS
            again = next_visit(old.first_at, now, hours)
            run.memory.mark(
                replace(old, status=status, checked_at=now, visits=old.visits + 1, next_visit=again)
            )
        elif status in REMEMBERED:
            again = next_visit(now, now, REJECTED_HOURS)
            run.memory.mark(Seen(key, met, status, now, now, next_visit=again))

    def failed(self, failure: Failure) -> Any:
        """The errback of every request."""
        request: Request = failure.request  # type: ignore[attr-defined]
        error = failure.value
        if error is None:
            raise TypeError("a failure without an exception")
        if self._is_fatal(error):
            return None
        status = failure_status(error)
        if status is Status.OFFSITE and is_door(request.url, request.meta["met"]):
            status = Status.BLOCKED
            self.count_refusal(status)
        elif cause := failure_cause(error):
            self.run.ledger.flag(cause)
        entry = request.meta.get("entry")
        self.end(
            request.meta["met"],
            status,
            f"{request.url}: {_TLS_OBJECT.sub('', str(error)) or type(error).__name__}",
            entry.key if entry else "",
        )
        return self.after_failure(request)

    def after_failure(self, request: Request) -> Any:
        """Return the items that a kind still keeps when one of its requests failed."""
        return None

    def callback_failed(self, failure: Failure, response: Response, spider: Spider) -> None:
        """A fault in the reading of a response ends its URL; the others go on."""
        met, error = response.meta.get("met", response.url), failure.value
        if self.run.ledger.is_open(met) and not self._is_fatal(error):
            self.end(met, Status.PARSE_ERROR, f"{met} could not be read ({type(error).__name__}: {error})")

    def _is_fatal(self, error: BaseException | None) -> bool:
        """True where a server of ours is away, which ends the crawl: the URL stays open, for the next one."""
        if not isinstance(error, StoreDown):
            return False
        self.run.fatal = self.run.fatal or error
        self.run.stop("failed")
        return True


def answered(response: Response, status: Status, run: Run) -> str:
    """Return the operator's message about a response that ended its URL; empty if nothing is wrong."""
    if status in (Status.NOT_MODIFIED, Status.GONE):
        return ""
    if status is Status.BLOCKED and response.status < 400:
        browser = run.source.browser
        session = browser is not None and bool(browser.session)
        shown = refusal(response.url, response.body, session=session)
        run.ledger.flag(Flag.LOGIN_PAGE if shown in (LOGIN_PAGE, EXPIRED) else Flag.WALL)
        return f"{response.url} shows {shown}"
    return f"{response.url} answered {response.status}"


def host_of(url: str) -> str:
    """The host of an address, lower case; empty where it has none."""
    return urlsplit(url).hostname or ""


def validators(response: Response) -> tuple[str, str]:
    """``ETag`` and ``Last-Modified`` of a response, empty where it has none."""
    etag, modified = (response.headers.get(name) or b"" for name in ("ETag", "Last-Modified"))
    return etag.decode("latin-1"), modified.decode("latin-1")
