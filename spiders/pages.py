"""Reading pages beside the reactor, so that a heavy page never stops the downloads.

At a polite pace pages come one by one and a thread reads them. Where they come faster than that, the
thread and the reactor would fight for the interpreter's lock: then a process takes over. ``fengping bench
crawl`` measures the three ways.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from email.message import Message
from functools import partial

from scrapy.http import Response

from fengping.spiders.extraction import NotAPage, Page, Selectors, decode, extract
from fengping.spiders.sources import Source

QUEUE = 4
"""Pages waiting for the thread at which a process takes over."""
_WORKERS = min(4, max(2, os.cpu_count() or 1))
_TIMEOUT = 60.0
"""Seconds for one page, after which it counts as unreadable."""


class PageReader:
    """Reads article pages in executors that start when they are needed."""

    def __init__(self) -> None:
        self._waiting = 0
        self._thread: ThreadPoolExecutor | None = None
        self._process: ProcessPoolExecutor | None = None

    async def read(self, response: Response, source: Source, now: datetime) -> Page:
        """What the page says. Raises :class:`NotAPage` for what cannot be read as one."""
        html = text_of(response, source) if source.encoding else response.body
        # The function itself, not one of this module: the process then loads the extraction alone.
        job = partial(
            extract,
            html,
            url=response.url,
            encoding=charset_of(response),
            fetched_at=now,
            selectors=page_selectors(source),
        )
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._executor(), job), _TIMEOUT)
        except TimeoutError:
            self.close()
            raise NotAPage(f"reading it took more than {_TIMEOUT:.0f} s.") from None
        except BrokenProcessPool:
            self.close()
            raise NotAPage("the process that read it died.") from None
        finally:
            self._waiting -= 1

    def _executor(self) -> Executor:
        if self._process is None and self._waiting > QUEUE:
            context = multiprocessing.get_context("spawn")
            self._process = ProcessPoolExecutor(max_workers=_WORKERS, mp_context=context)
        if self._process is not None:
            return self._process
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1)
        return self._thread

    def close(self) -> None:
        for executor in (self._thread, self._process):
            if executor is not None:
                executor.shutdown(wait=False, cancel_futures=True)
        self._thread = self._process = None


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
