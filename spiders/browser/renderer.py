"""A Chromium that cannot grow without end: few pages at once, each under a ceiling of time, the whole
browser replaced after so many pages or at so much memory.

Long-running browsers leak (users of scrapy-playwright report 5 GB growing to 18 GB in 700 pages), and what
leaks is freed only by ending the process. So pages belong to a generation; a spent generation takes no
new pages and is closed with its last one, while a fresh one already works.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psutil
from playwright.async_api import Browser, BrowserContext, Page, Playwright, Request, Route, async_playwright
from playwright.async_api import Error as BrowserError

from fengping.chromium import find_chromium, launch_arguments
from fengping.spiders.framework import FilteringProxy, NotPublic

CLOSING = 10.0
"""Seconds a page or browser may take to close before it is left to die with its process."""


class Visitor(Protocol):
    """Protocol of a visitor: the actions on one rendered page."""

    async def prepare(self, page: Page) -> None:
        """Before the address is opened: listeners for its responses."""

    async def work(self, page: Page) -> str:
        """After it was opened: waits, clicks, scrolls; returns the HTML to be read."""


@dataclass(frozen=True, slots=True)
class Limits:
    pages_at_once: int = 4
    pages_per_browser: int = 150
    megabytes: int = 1200
    """Memory of all Chromium processes together at which the browser is replaced."""
    seconds: float = 120.0
    """The hard ceiling of one page, from its opening to its closing."""
    timeout: float = 30.0
    """Seconds for the address to answer."""


@dataclass(frozen=True, slots=True)
class Rendered:
    url: str
    status: int
    headers: dict[str, str]
    html: str


@dataclass
class _Generation:
    browser: Browser
    context: BrowserContext
    served: int = 0
    open: int = 0
    spent: bool = False


@dataclass
class Renderer:
    """Opens pages through *proxy*, which others open and close. ``close`` must be awaited at the end."""

    proxy: FilteringProxy
    limits: Limits = Limits()
    block: frozenset[str] = frozenset()
    """Kinds of resources (Playwright's names) that are not loaded."""
    user_agent: str = ""
    session: Path | None = None
    """Storage state (cookies, local storage) to begin with."""
    recycled: int = 0
    """Browsers replaced so far."""
    _playwright: Playwright | None = None
    _current: _Generation | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _slots: asyncio.Semaphore | None = None

    async def render(self, url: str, visitor: Visitor) -> Rendered:
        """Opens *url* and lets *visitor* work it.

        Raises ``TimeoutError`` where the page went over a ceiling (it is closed and its browser replaced),
        Playwright's ``Error`` where it could not be opened, the ``OSError`` of the connection where that is
        known: :class:`NotPublic` also where the page led to an address that is not public.
        """
        if self._slots is None:
            self._slots = asyncio.Semaphore(self.limits.pages_at_once)
        async with self._slots, self._page() as page:
            async with asyncio.timeout(self.limits.seconds):
                await visitor.prepare(page)
                opened = [url]
                page.on("request", lambda request: opened.append(request.url) if _opens(request) else None)
                milliseconds = self.limits.timeout * 1000
                try:
                    response = await page.goto(url, wait_until="domcontentloaded", timeout=milliseconds)
                except BrowserError as error:
                    if fault := self.proxy.fault(opened[-1]):
                        raise fault from error
                    raise
                html = await visitor.work(page)
                if isinstance(fault := self.proxy.fault(opened[-1]), NotPublic):
                    raise fault
                headers = await response.all_headers() if response else {}
                return Rendered(page.url, response.status if response else 200, headers, html)

    async def close(self) -> None:
        if self._current is not None:
            await _end(self._current)
            self._current = None
        if self._playwright is not None:
            await self._playwright.stop()
            self._playwright = None

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[Page]:
        async with self._starting:
            generation = await self._fresh_enough()
            generation.served += 1
            generation.open += 1
        try:
            page = await generation.context.new_page()
            page.on("popup", lambda popup: asyncio.ensure_future(popup.close()))
            try:
                yield page
            except TimeoutError:
                # A page that hangs may have hung its whole process.
                generation.spent = True
                raise
            finally:
                with contextlib.suppress(TimeoutError, BrowserError):
                    await asyncio.wait_for(page.close(), CLOSING)
        finally:
            generation.open -= 1
            if generation.spent and not generation.open:
                await _end(generation)

    async def _fresh_enough(self) -> _Generation:
        """The generation that takes the next page; the one before is spent where it is over a limit."""
        current = self._current
        if current is not None and not current.spent and current.browser.is_connected():
            full = current.served >= self.limits.pages_per_browser
            heavy = current.served % 10 == 9 and megabytes() > self.limits.megabytes
            if not (full or heavy):
                return current
        if current is not None:
            current.spent = True
            self.recycled += 1
            if not current.open:
                await _end(current)
        self._current = await self._launch()
        return self._current

    async def _launch(self) -> _Generation:
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        browser = await self._playwright.chromium.launch(
            executable_path=find_chromium(), args=launch_arguments(self.proxy.url)
        )
        context = await browser.new_context(
            user_agent=self.user_agent or None,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=False,
            service_workers="block",
            storage_state=self.session,
        )
        if self.block:
            await context.route("**/*", self._decide)
        return _Generation(browser, context)

    async def _decide(self, route: Route) -> None:
        blocked = route.request.resource_type in self.block
        with contextlib.suppress(BrowserError):  # the page has gone meanwhile
            await (route.abort("blockedbyclient") if blocked else route.continue_())


def _opens(request: Request) -> bool:
    """True if a request is for the page itself, not for a part of it."""
    return request.is_navigation_request() and request.frame.parent_frame is None


async def _end(generation: _Generation) -> None:
    with contextlib.suppress(TimeoutError, BrowserError):
        await asyncio.wait_for(generation.browser.close(), CLOSING)


def megabytes() -> float:
    """Memory that this process's children hold for themselves alone (USS)."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += child.memory_full_info().uss
    return total / 2**20
