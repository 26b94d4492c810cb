"""Reading pages beside the reactor, so that a heavy page never stops the downloads.

At a polite delay pages come at one a second and a thread does. Without a delay they come as fast as the
site gives them, and a thread would hold the interpreter's lock against the reactor: then they are read in
a process. ``fengping bench crawl`` measures the two.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from email.message import Message
from typing import Self

from scrapy.http import Response

from fengping.spiders.extraction import NotAPage, Page, Selectors, decode, extract
from fengping.spiders.sources import Source

FAST_DELAY = 0.05
"""Seconds between requests under which pages are read in a process of their own."""
_TIMEOUT = 60.0
"""Seconds for one page, after which it counts as unreadable."""


class PageReader:
    """Reads article pages in an executor that starts with the first page."""

    def __init__(self, *, process: bool) -> None:
        self._process = process
        self._executor: Executor | None = None

    @classmethod
    def for_delay(cls, delay: float) -> Self:
        return cls(process=delay < FAST_DELAY)

    async def read(self, response: Response, source: Source, now: datetime) -> Page:
        """What the page says. Raises :class:`NotAPage` for what cannot be read as one."""
        html = text_of(response, source) if source.encoding else response.body
        job = (html, response.url, charset_of(response), now, page_selectors(source))
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._start(), _read, *job), _TIMEOUT)
        except TimeoutError:
            self.close()
            raise NotAPage(f"reading it took more than {_TIMEOUT:.0f} s.") from None
        except BrokenProcessPool:
            self.close()
            raise NotAPage("the process that read it died.") from None

    def _start(self) -> Executor:
        if self._executor is None:
            if self._process:
                context = multiprocessing.get_context("spawn")
                self._executor = ProcessPoolExecutor(max_workers=1, mp_context=context)
            else:
                self._executor = ThreadPoolExecutor(max_workers=1)
        return self._executor

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None


def _read(html: bytes | str, url: str, charset: str | None, now: datetime, selectors: Selectors) -> Page:
    return extract(html, url=url, encoding=charset, fetched_at=now, selectors=selectors)


def charset_of(response: Response) -> str | None:
    """The charset that the HTTP header names."""
    header = Message()
    header["Content-Type"] = (response.headers.get("Content-Type") or b"").decode("latin-1")
    charset = header.get_param("charset")
    return charset if isinstance(charset, str) else None


def text_of(response: Response, source: Source) -> str:
    """The response as text: in the source's encoding where it names one, else as its bytes show."""
    if source.encoding:
        return response.body.decode(source.encoding, "replace")
    return decode(response.body, charset_of(response))[0]


def page_selectors(source: Source) -> Selectors:
    """The source's detail selectors in the extraction's own form."""
    detail = source.selectors.detail
    return Selectors(
        title=detail.title,
        text=detail.text,
        author=detail.author,
        site=detail.site,
        time=detail.published_at,
        next_page=detail.next_page,
        likes=detail.likes,
        comments=detail.comments,
        reposts=detail.reposts,
        views=detail.views,
        remove=detail.remove,
    )


def unmatched(source: Source, page: Page) -> Iterator[str]:
    """Detail selectors that found nothing on *page*, as they stand in the source file."""
    detail = source.selectors.detail
    for name in type(detail).model_fields:
        given = getattr(detail, name)
        if given and name not in ("remove", "next_page") and page.methods.get(name) != "selector":
            yield f"selectors.detail.{name} {list(given)}"
