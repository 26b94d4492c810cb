"""Visitors of rendered pages: steps, waiting, scrolling until nothing new comes."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, Request, Response

from fengping.spiders.framework import response_status
from fengping.spiders.run.statuses import Status
from fengping.spiders.sources.fields import to_xpath
from fengping.spiders.sources.model import Browser, Step

STILL = 3
"""Scrolls without anything new, and without a question open, after which a feed has ended."""
PATIENCE = 10.0
"""Seconds that a scroll which brought nothing waits for the answers to what the page asked after it."""

# Entries are taken the moment they stand in the page, not when it is asked: a feed that recycles its boxes
# may fill them twice between two questions. They are remembered with their text for the same reason.
_NEW_ITEMS = """(path) => {
  if (!window.__look) {
    const seen = new WeakMap();
    window.__fresh = [];
    window.__look = () => {
      const found = document.evaluate(path, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
      for (let i = 0; i < found.snapshotLength; i++) {
        const item = found.snapshotItem(i), text = item.textContent;
        if (seen.get(item) === text) continue;
        seen.set(item, text);
        window.__fresh.push(item.outerHTML);
      }
    };
    const everything = {childList: true, subtree: true, characterData: true};
    new MutationObserver(window.__look).observe(document, everything);
  }
  window.__look();
  return window.__fresh.splice(0);
}"""

# A little up first: a page that is at its bottom already would notice nothing. The page hears of it in the
# frame that follows, which a busy machine draws late; a page that is not drawn gets none.
_SCROLL = """() => {
  window.scrollBy(0, -200); window.scrollTo(0, document.body.scrollHeight);
  const drawn = new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return Promise.race([drawn.then(() => null), new Promise(done => setTimeout(done, 2000))]);
}"""


@dataclass
class PageVisitor:
    """Opens a page, takes the source's steps, and reads it as it then stands."""

    options: Browser
    captured: Sequence[tuple[str, str]] = ()

    async def prepare(self, page: Page) -> None:
        pass

    async def work(self, page: Page) -> str:
        await ready(page, self.options)
        return await page.content()


@dataclass
class FeedVisitor:
    """Scrolls a feed and gathers its entries: fragments of HTML, or responses the page asked for.

    *enough* is told each new batch and says whether what comes now is known already.
    """

    options: Browser
    items: str
    """CSS or XPath of the entries; unused where responses are gathered."""
    enough: Callable[[Sequence[str]], bool]
    max_bytes: int
    fragments: list[str] = field(default_factory=list)
    responses: list[tuple[str, str]] = field(default_factory=list)
    """``(url, text)`` of each response that matched ``browser.xhr``."""
    refused: list[str] = field(default_factory=list)
    """Addresses of those with which the site refused."""
    lost: list[str] = field(default_factory=list)
    """Addresses that failed or were refused once others had answered, and were not answered later."""
    truncated: bool = False
    """True if scrolling ended at a limit and not at the feed's end."""
    _asked: set[Request] = field(default_factory=set)
    """Questions of the page since the last scroll that have no answer."""

    async def prepare(self, page: Page) -> None:
        page.on("request", self._ask)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._failed)
        if self.options.xhr:
            page.on("response", self._take)

    @property
    def captured(self) -> Sequence[tuple[str, str]]:
        """Return the captures of a page that a source reads: responses with their address, or boxes."""
        return self.responses if self.options.xhr else [("", fragment) for fragment in self.fragments]

    def restore(self, captured: Sequence[tuple[str, str]]) -> None:
        """The opposite of :attr:`captured`, for a page that was saved."""
        self.responses = list(captured)
        self.fragments = [text for _, text in captured]

    def _ask(self, request: Request) -> None:
        if request.resource_type in ("xhr", "fetch"):
            self._asked.add(request)

    def _answered(self, request: Request) -> None:
        self._asked.discard(request)

    def _failed(self, request: Request) -> None:
        self._answered(request)
        # What the page itself gave up is no failure of the site.
        if self._is_wanted(request.url) and "ERR_ABORTED" not in (request.failure or ""):
            self._lose(request.url)

    def _is_wanted(self, url: str) -> bool:
        return bool(self.options.xhr and re.search(self.options.xhr, url))

    def _lose(self, url: str) -> None:
        if self.responses:
            self.lost.append(url)

    async def _take(self, response: Response) -> None:
        if not self._is_wanted(response.url):
            return
        # A response without a body (a redirect, one thrown away by navigation) is none of the feed's.
        with contextlib.suppress(BrowserError):
            body = await response.body()
            # An empty answer to a question that has a list for an answer is a platform's way to refuse.
            status = response_status(response.status, body)
            if status in (Status.BLOCKED, Status.EMPTY_BODY):
                self.refused.append(response.url)
            if status not in (None, Status.NOT_MODIFIED):
                self._lose(response.url)
            elif status is None:
                # The page asked again, mostly under another signature.
                self.lost = [url for url in self.lost if path_of(url) != path_of(response.url)]
                self.responses.append((response.url, await response.text()))

    async def work(self, page: Page) -> str:
        await ready(page, self.options)
        still = 0
        for turn in range(self.options.max_scrolls + 1):
            fresh = await self._new(page) or await self._late(page)
            if fresh and self.enough(fresh):
                break
            still = 0 if fresh else still + 1
            if still >= STILL:
                break
            if turn == self.options.max_scrolls or self._size() > self.max_bytes:
                self.truncated = self.options.max_scrolls > 0
                break
            self._asked.clear()
            await page.evaluate(_SCROLL)
            await page.wait_for_timeout(self.options.scroll_pause * 1000)
        return await page.content()

    async def _late(self, page: Page) -> Sequence[str]:
        """New entries, looked for after each pause while answers are due."""
        until = time.monotonic() + PATIENCE
        while self._asked and time.monotonic() < until:
            await page.wait_for_timeout(max(self.options.scroll_pause, 0.05) * 1000)
            if fresh := await self._new(page):
                return fresh
        return await self._new(page)

    async def _new(self, page: Page) -> Sequence[str]:
        """Entries, or responses, that were not there before."""
        if self.options.xhr:
            before = len(self.fragments)
            self.fragments += [text for _, text in self.responses[before:]]
        else:
            before = len(self.fragments)
            self.fragments += await page.evaluate(_NEW_ITEMS, to_xpath(self.items))
        return self.fragments[before:]

    def _size(self) -> int:
        return sum(map(len, self.fragments))


async def ready(page: Page, options: Browser) -> None:
    """Takes the steps and waits for what the source says must be there.

    Raises Playwright's ``TimeoutError`` where ``wait_for`` does not come.
    """
    for step in options.steps:
        await _take_step(page, step)
    if options.wait_for:
        await page.wait_for_selector(options.wait_for, state="attached")
    if options.wait_seconds:
        await page.wait_for_timeout(options.wait_seconds * 1000)


async def _take_step(page: Page, step: Step) -> None:
    match step.do:
        case "click":
            await page.click(step.selector)
        case "fill":
            await page.fill(step.selector, step.value)
        case "press":
            await page.press(step.selector or "body", step.value)
        case "scroll":
            await page.evaluate(_SCROLL)
        case "wait" if step.selector:
            await page.wait_for_selector(step.selector, state="attached")
    if step.seconds:
        await page.wait_for_timeout(step.seconds * 1000)


def path_of(url: str) -> str:
    """*url* without its query: what a feed's answers have in common."""
    return url.partition("?")[0]
