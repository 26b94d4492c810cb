"""Scrapy's download handler for rendered pages; requests without a visitor go the ordinary way."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from playwright.async_api import Error as BrowserError
from playwright.async_api import TimeoutError as BrowserTimeout
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import HtmlResponse, Response

from fengping.spiders.browser import VISITOR
from fengping.spiders.browser.guard import Guard
from fengping.spiders.browser.renderer import Limits, Rendered, Renderer, Visitor
from fengping.spiders.browser.sessions import session_file
from fengping.spiders.framework.downloads import DownloadHandler
from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.framework.politeness import allow_private
from fengping.spiders.framework.responses import Refused
from fengping.spiders.run.statuses import Status

# What the body is no longer, once a browser has decoded it.
_STALE_HEADERS = {
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "set-cookie",
    "etag",
    "last-modified",
}


class BrowserDownloadHandler(BaseDownloadHandler):
    """Renders requests that carry a visitor in a browser of this crawl's own."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._plain = DownloadHandler.from_crawler(crawler)
        self._renderer: Renderer | None = None
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        visitor = request.meta.get(VISITOR)
        if visitor is None:
            return await self._plain.download_request(request)
        try:
            rendered = await self._browser().render(request.url, cast(Visitor, visitor))
        except (TimeoutError, BrowserTimeout) as error:
            raise DownloadTimeoutError(
                f"the page was closed: {str(error).splitlines()[0:1] or 'it hung'}"
            ) from error
        except BrowserError as error:
            raise self._failure(request, error) from error
        return self._response(request, rendered)

    async def close(self) -> None:
        await self._plain.close()
        if self._renderer is not None:
            await self._renderer.close()

    def _browser(self) -> Renderer:
        if self._renderer is None:
            run, settings = run_of(self.crawler), self.crawler.settings
            options = run.source.browser
            session = session_file(run.home, options.session) if options and options.session else None
            self._renderer = Renderer(
                Guard(
                    frozenset(options.block if options else ()),
                    allow_private(run.source, run.home.config.crawl),
                    by_name=settings.get("FENGPING_PROXY") is not None,
                ),
                Limits(
                    pages_at_once=settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"),
                    timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
                ),
                proxy=settings.get("FENGPING_PROXY"),
                user_agent=settings["USER_AGENT"],
                session=session,
            )
        return self._renderer

    def _failure(self, request: Request, error: BrowserError) -> Exception:
        host = urlsplit(request.url).hostname or ""
        if host in self._browser().guard.refused:
            return Refused(Status.PRIVATE_ADDRESS, f"{host} has no public address")
        reason = error.message.splitlines()[0]
        if "ERR_NAME_NOT_RESOLVED" in reason:
            return CannotResolveHostError(reason)
        return DownloadFailedError(reason)

    def _response(self, request: Request, rendered: Rendered) -> Response:
        body = rendered.html.encode("utf-8", "replace")
        if len(body) > self._max_bytes:
            raise DownloadCancelledError(f"the rendered page has {len(body)} bytes")
        headers = {name: value for name, value in rendered.headers.items() if name not in _STALE_HEADERS}
        headers["content-type"] = "text/html; charset=utf-8"
        return HtmlResponse(
            rendered.url,
            status=rendered.status,
            headers=headers,
            body=body,
            encoding="utf-8",
            request=request,
        )
