"""Downloader middlewares: which addresses may be asked."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.exceptions import CannotResolveHostError, NotConfigured
from scrapy.http import Response

from fengping.spiders.framework.addresses import refused_hosts
from fengping.spiders.framework.responses import Refused
from fengping.spiders.run import Run
from fengping.spiders.run.statuses import Status

MAX_REFRESH_BYTES = 8_000


def run_of(crawler: Crawler) -> Run:
    """The run that the crawler's spider belongs to; raises ``NotConfigured`` for a foreign spider."""
    run = getattr(crawler.spider, "run", None)
    if not isinstance(run, Run):
        raise NotConfigured("this spider belongs to no run of a source")
    return run


class OnsiteOnly:
    """Refuses hosts that the source does not allow, redirects included."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if not self._run.allows(host):
            raise Refused(Status.OFFSITE, f"{host} is not among the source's allowed_domains")


class SmallMetaRefresh(MetaRefreshMiddleware):
    """Follows ``<meta http-equiv=refresh>`` of small pages: a page that only sends on holds little else.

    Scrapy's own decodes and searches every page, a tenth of a crawl's time.
    """

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        if len(response.body) > MAX_REFRESH_BYTES:
            return response
        return super().process_response(request, response)


class PrivateAddresses:
    """Tells a host that was refused for its address from one that does not exist."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def process_exception(self, request: Request, exception: Exception) -> None:
        host = urlsplit(request.url).hostname or ""
        if isinstance(exception, CannotResolveHostError) and host in refused_hosts:
            raise Refused(Status.PRIVATE_ADDRESS, f"{host} has no public address")
