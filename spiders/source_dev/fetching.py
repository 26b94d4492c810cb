"""Fetching one page for a person who looks at a new source: with robots.txt, limits and address checks.

It runs as a crawl does, in a child process of its own, for Twisted's reactor starts only once.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import AsyncIterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from fengping.errors import Failed, UsageError
from fengping.home import Home
from fengping.spiders.framework import failure_status, response_status
from fengping.spiders.framework.politeness import spider_settings
from fengping.spiders.run.statuses import Status
from fengping.spiders.source_dev.previewing import response_of
from fengping.spiders.sources import Source, SourceKind

SECONDS = 120.0
"""After so long a fetch is given up; a page's own limit is shorter."""

REASONS = {
    Status.ROBOTS_DENIED: "its robots.txt does not allow it",
    Status.PRIVATE_ADDRESS: "it has no public address",
    Status.BLOCKED: "the site blocks us or asks for a login",
    Status.GONE: "there is no such page",
    Status.TIMEOUT: "it did not answer in time",
    Status.TOO_LARGE: "it is larger than crawl.max_bytes",
    Status.EMPTY_BODY: "the answer is empty",
}
REMEDIES = {
    Status.ROBOTS_DENIED: "Ask the site for a feed, or import its documents with: fengping import",
    Status.PRIVATE_ADDRESS: "For an intranet set allow_private under [crawl] in fengping.toml.",
    Status.BLOCKED: 'Write a source of kind "browser" with your own session (docs/sources.md).',
}


@dataclass(frozen=True)
class _Answer:
    url: str
    status: Status | None
    code: int = 0
    body: bytes = b""
    content_type: str = ""


def fetch(home: Home, url: str) -> Response:
    """The response of *url*. Raises :class:`UsageError` for what is not a web address, :class:`Failed` with
    the reason where it cannot be had."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is not an http(s) address.", remedy="Write it with https:// before it.")
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_child, args=(str(home.root), url, theirs))
    child.start()
    theirs.close()
    try:
        answer = ours.recv() if ours.poll(SECONDS) else _Answer(url, Status.TIMEOUT)
    except EOFError:
        answer = _Answer(url, Status.UNREACHABLE)
    child.kill()
    child.join()
    if answer.status is not None:
        shown = f"it answered {answer.code}" if answer.code else "it cannot be reached"
        raise Failed(
            f"{url} cannot be read: {REASONS.get(answer.status, shown)}.",
            remedy=REMEDIES.get(answer.status, ""),
        )
    return response_of(answer.url, answer.body, answer.content_type)


def _child(root: str, url: str, channel: Connection) -> None:
    from pathlib import Path

    crawl = Home.open(Path(root)).config.crawl
    source = Source(name="page", title="page", kind=SourceKind.RSS, urls=(url,))
    settings = Settings()
    settings.setmodule("fengping.spiders.framework.settings", priority="project")
    settings.setdict(spider_settings(source, crawl), priority="spider")
    settings.setdict(
        {
            "FENGPING_ALLOW_PRIVATE": crawl.allow_private,
            "ITEM_PIPELINES": {},
            "EXTENSIONS": {
                "scrapy.extensions.telnet.TelnetConsole": None,
                "scrapy.extensions.memusage.MemoryUsage": None,
                "fengping.spiders.framework.extensions.HeldMemory": 500,
            },
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
                "fengping.spiders.framework.middlewares.PrivateAddresses": 700,
            },
            "LOG_ENABLED": False,
        },
        priority="cmdline",
    )
    process = AsyncCrawlerProcess(settings)
    process.crawl(_PageSpider, url=url, channel=channel)
    process.start()


class _PageSpider(Spider):
    name = "page"

    def __init__(self, url: str, channel: Connection, **options: Any) -> None:
        super().__init__(**options)
        self._url = url
        self._channel = channel

    async def start(self) -> AsyncIterator[Any]:
        yield Request(self._url, callback=self.take, errback=self.failed)

    def take(self, response: Response) -> None:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        status = response_status(response.status, response.body)
        self._channel.send(_Answer(response.url, status, response.status, response.body, content_type))

    def failed(self, failure: Failure) -> None:
        error = failure.value or ValueError("a failure without an exception")
        self._channel.send(_Answer(self._url, failure_status(error)))
