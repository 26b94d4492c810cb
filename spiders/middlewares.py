"""Downloader middlewares: which addresses may be asked."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, NotConfigured

from fengping.spiders.addresses import refused_hosts
from fengping.spiders.context import Run
from fengping.spiders.responses import Refused
from fengping.spiders.statuses import Status


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


class PrivateAddresses:
    """Tells a host that was refused for its address from one that does not exist."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls()

    def process_exception(self, request: Request, exception: Exception) -> None:
        host = urlsplit(request.url).hostname or ""
        if isinstance(exception, CannotResolveHostError) and host in refused_hosts:
            raise Refused(Status.PRIVATE_ADDRESS, f"{host} has no public address")
