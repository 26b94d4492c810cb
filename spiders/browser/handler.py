"""Scrapy's download handler for rendered pages; requests without a visitor go the ordinary way."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from itertools import islice
from typing import cast

from playwright.async_api import Error as BrowserError
from playwright.async_api import TimeoutError as BrowserTimeout
from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import HtmlResponse, Response

from fengping.spiders.browser import VISITOR
from fengping.spiders.browser.renderer import Limits, Rendered, Renderer, Visitor
from fengping.spiders.browser.sessions import session_file
from fengping.spiders.framework import FilteringProxy, NotPublic, Refused
from fengping.spiders.framework.downloads import DownloadHandler
from fengping.spiders.framework.middlewares import run_of
from fengping.spiders.framework.politeness import allow_private
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
        self._open = ExitStack()
        self._max_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def download_request(self, request: Request) -> Response:
        visitor = request.meta.get(VISITOR)
        if visitor is None:
            return await self._plain.download_request(request)
        renderer = self._browser()
        try:
            rendered = await renderer.render(request.url, cast(Visitor, visitor))
        except (TimeoutError, BrowserTimeout) as error:
            raise DownloadTimeoutError(
                f"the page was closed: {str(error).splitlines()[0:1] or 'it hung'}"
            ) from error
        except NotPublic as error:
            raise Refused(Status.PRIVATE_ADDRESS, str(error)) from error
        except socket.gaierror as error:
            raise CannotResolveHostError(str(error)) from error
        except ConnectionRefusedError as error:
            raise DownloadConnectionRefusedError(str(error)) from error
        except OSError as error:
            raise DownloadFailedError(str(error)) from error
        except BrowserError as error:
            raise DownloadFailedError(error.message.splitlines()[0]) from error
        finally:
            self._report_refused(renderer.proxy)
        return self._response(request, rendered)

    async def close(self) -> None:
        await self._plain.close()
        if self._renderer is not None:
            await self._renderer.close()
        self._open.close()

    def _browser(self) -> Renderer:
        if self._renderer is None:
            run, settings = run_of(self.crawler), self.crawler.settings
            options = run.source.browser
            session = session_file(run.home, options.session) if options and options.session else None
            private = allow_private(run.source, run.home.config.crawl)
            proxy = FilteringProxy(lambda host: private, settings.get("FENGPING_PROXY"))
            self._renderer = Renderer(
                self._open.enter_context(proxy),
                Limits(
                    pages_at_once=settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"),
                    timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
                ),
                block=frozenset(options.block if options else ()),
                user_agent=settings["USER_AGENT"],
                session=session,
            )
        return self._renderer

    def _report_refused(self, proxy: FilteringProxy) -> None:
        """Names the first host alone: a page may ask for thousands."""
        run = run_of(self.crawler)
        for host in islice(proxy.refused, 1):
            run.ledger.signal(f"{run.source.name}: a page asks for {host}, which has no public address")

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
