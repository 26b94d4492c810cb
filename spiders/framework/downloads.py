"""Scrapy's download handler for http and https: aiohttp's client, and Twisted's for servers too odd for it.

aiohttp asks and reads with a fifth less of the reactor's time, and is stricter: at two lengths, a header
without a colon, an old TLS handshake or an oddly spelled host it gives up. Scrapy's own handler then asks
again, and from there on all pages of that host, so that what either of them can read is read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
from scrapy import Request
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.core.downloader.handlers._base_streaming import BaseStreamingDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Headers, Response
from scrapy.utils.ssl import _make_ssl_context

from fengping.spiders.framework.addresses import PublicNames, refused_hosts, refuses
from fengping.spiders.framework.proxies import Proxy, is_public_name

_HEADER_BYTES = 65_536
"""A line of the head may be as long as in Twisted; cookies and policies of 10 kB are sent."""
_HEADERS = 500
_TOO_ODD = (aiohttp.ClientResponseError, aiohttp.ClientSSLError, aiohttp.InvalidURL)


class DownloadHandler(AiohttpDownloadHandler):
    """Downloads over aiohttp; a host whose answers it refuses over Twisted.

    The settings are Scrapy's. Addresses that are not public are refused as in
    :mod:`fengping.spiders.framework.addresses`.
    """

    experimental = False

    def __init__(self, crawler: Crawler) -> None:
        BaseStreamingDownloadHandler.__init__(self, crawler)
        self._crawler = crawler
        self._odd_hosts: set[str] = set()
        self._lenient: HTTP11DownloadHandler | None = None
        self._allow_private = crawler.settings.getbool("FENGPING_ALLOW_PRIVATE")
        self._proxy: Proxy | None = crawler.settings.get("FENGPING_PROXY")
        self._ssl_context = _make_ssl_context(crawler.settings)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=PublicNames(self._allow_private or self._proxy is not None),
                limit=self._pool_size_total,
                limit_per_host=self._pool_size_per_host,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=_ClientResponse,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            max_headers=_HEADERS,
        )

    async def download_request(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        if not self._allow_private and refuses(parts.hostname or ""):
            raise CannotResolveHostError(f"{parts.hostname} is not a public address")
        if self._proxy is not None:
            self._send_through(self._proxy, request, parts.hostname or "")
        if parts.netloc not in self._odd_hosts:
            try:
                return await super().download_request(request)
            except (
                DownloadFailedError,
                DownloadConnectionRefusedError,
                UnsupportedURLSchemeError,
            ) as error:
                if not isinstance(error.__cause__, _TOO_ODD):
                    raise
            self._odd_hosts.add(parts.netloc)
        if self._lenient is None:
            self._lenient = HTTP11DownloadHandler.from_crawler(self._crawler)
        return await self._lenient.download_request(request)

    def _send_through(self, proxy: Proxy, request: Request, host: str) -> None:
        """Hands the request to the proxy, but for a host whose name is none of the public internet."""
        if not self._allow_private and not is_public_name(host):
            refused_hosts.add(host)
            raise CannotResolveHostError(f"{host} is not a public name")
        request.meta["proxy"] = proxy.url
        if proxy.authorization:
            request.headers["Proxy-Authorization"] = proxy.authorization

    @asynccontextmanager
    async def _make_request(self, request: Request, timeout: float) -> AsyncIterator[_ClientResponse]:
        # Scrapy has escaped the address already, as browsers do; escaped anew, a signed one would not hold.
        request.meta["verbatim_url"] = True
        async with super()._make_request(request, timeout) as response:
            yield response

    @staticmethod
    def _extract_headers(response: _ClientResponse) -> Headers:
        # As bytes: a file's name or a redirect may be in GBK.
        return Headers(list(response.raw_headers))

    async def close(self) -> None:
        await super().close()
        if self._lenient is not None:
            await self._lenient.close()
