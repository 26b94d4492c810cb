"""Reading pages beside the reactor, so that a heavy page never stops the downloads.

At a polite pace pages come one by one and a thread reads them. Where they come faster than that, the
thread and the reactor would fight for the interpreter's lock: then processes take over.
``python -m devtools bench crawl`` measures the three ways.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.message import Message
from functools import lru_cache, partial

from scrapy.http import Response

from fengping.spiders.extraction import NotAPage, Page, Selectors, decode, extract
from fengping.spiders.run import worker_pool
from fengping.spiders.sources import Source

QUEUE = 4
"""Pages waiting for the thread at which processes take over."""
_READERS = min(4, (os.cpu_count() or 1) + 1)
"""One more than can run at once, for the reactor does not fill a core."""
_AT_ONCE = 2
"""Pages given to a process: it has the next when it has read one, though the reactor waits for the disk."""
_TIMEOUT = 60.0
"""Seconds for one page, after which it counts as unreadable."""


class _Place:
    """Process that reads pages, and another when it died."""

    def __init__(self) -> None:
        self._reader: worker_pool.Reader | None = None
        self._starting = asyncio.Lock()

    async def reader(self) -> worker_pool.Reader | None:
        """The process; ``None`` where none can be had."""
        if self._reader is None or not self._reader.lives:
            async with self._starting:
                if self._reader is None or not self._reader.lives:
                    self._reader = await worker_pool.Reader.start(_TIMEOUT)
        return self._reader

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()


class PageReader:
    """Reads article pages in a thread or in processes, which start when they are needed."""

    def __init__(self) -> None:
        self._waiting = 0
        self._thread: ThreadPoolExecutor | None = None
        self._many = False
        self._places = [_Place() for _ in range(_READERS)]
        self._free: asyncio.Queue[_Place] = asyncio.Queue()
        for place in _AT_ONCE * self._places:
            self._free.put_nowait(place)

    async def read(self, response: Response, source: Source, now: datetime) -> Page:
        """Extract a page in another process. Raises :class:`NotAPage` for one that cannot be read."""
        html = text_of(response, source) if source.encoding else response.body
        # The function itself, not one of this module: the process then loads the extraction alone.
        job = partial(
            extract,
            url=response.url,
            encoding=charset_of(response),
            fetched_at=now,
            selectors=page_selectors(source),
        )
        self._waiting += 1
        try:
            self._many = (self._many or self._waiting > QUEUE) and worker_pool.is_prepared()
            return await (self._in_process(job, html) if self._many else self._in_thread(partial(job, html)))
        except TimeoutError:
            raise NotAPage(f"reading it took more than {_TIMEOUT:.0f} s.") from None
        except worker_pool.ReaderDied:
            raise NotAPage("the process that read it died.") from None
        finally:
            self._waiting -= 1

    async def _in_thread(self, job: worker_pool.Job) -> Page:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1)
        try:
            async with asyncio.timeout(_TIMEOUT):
                page: Page = await asyncio.get_running_loop().run_in_executor(self._thread, job)
        except TimeoutError:
            # A thread cannot be stopped; the pages behind it get another.
            self._thread.shutdown(wait=False)
            self._thread = None
            raise
        return page

    async def _in_process(self, job: worker_pool.Job, html: bytes | str) -> Page:
        given = html if isinstance(html, bytes) else b""
        if not given:
            job = partial(job, html)
        while True:
            place = await self._free.get()
            try:
                reader = await place.reader()
                if reader is None:
                    return await self._in_thread(partial(job, given) if given else job)
                page: Page = await reader.ask(job, given)
            except worker_pool.NotBegun:
                continue  # it died of the page before
            finally:
                self._free.put_nowait(place)
            return page

    def close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
        self._thread = None
        for place in self._places:
            place.close()


def charset_of(response: Response) -> str | None:
    """The charset that the HTTP header names."""
    return _charset(response.headers.get("Content-Type") or b"")


@lru_cache(maxsize=200)
def _charset(content_type: bytes) -> str | None:
    header = Message()
    header["Content-Type"] = content_type.decode("latin-1")
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
