"""Pages a second of a whole crawl, beside Scrapy fetching the same pages and reading none of them.

A server process gives pages on loopback: the real pages of the measuring data where they are there, else
made ones of the same size. Every crawl begins with the same list and robots.txt.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from devtools.bench import Options, Row
from fengping.home import Home
from fengping.models import Precision
from fengping.spiders.extraction import Page
from fengping.spiders.run import Job, work
from fengping.spiders.run import pages as reading

PAGES = 1500
ROUNDS = 3
CONCURRENCY = 8
_SOURCE = """
kind = "list"
urls = ["{url}"]
limits = {{ max_requests = 1000000 }}
[selectors]
items = "li"
[selectors.item]
link = "a::attr(href)"
"""
_CONFIG = f"""[crawl]
delay = 0
allow_private = true
concurrency_per_host = {CONCURRENCY}
max_pages = 1000000
"""


def run(options: Options) -> list[Row]:
    """Scrapy alone, the chain without reading, and three ways of reading pages; medians of three rounds."""
    count = options.size or PAGES
    bodies = _bodies(options.data)
    ways: dict[str, Callable[[str], None]] = {
        "Scrapy alone, pages not read": _plain,
        "crawl, pages kept without being read": _unread,
        "crawl, pages read in a thread": _thread_only,
        "crawl, pages read in a process": _process_only,
        "crawl as shipped (thread, then process)": _as_shipped,
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    with _server(bodies, count) as url:
        for _ in range(ROUNDS):
            for name, way in ways.items():
                rates[name].append(count / _timed(way, url))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    alone = next(iter(medians.values()))
    size = sum(map(len, bodies)) / len(bodies) / 1000
    return [
        Row(f"{name}, {size:.0f} kB a page", value, "pages/s", count, value / alone, "Scrapy alone")
        for name, value in medians.items()
    ]


def _bodies(data: Path) -> list[bytes]:
    """Real pages where the data is there; else pages of 100 kB whose tenth is text."""
    real = [path.read_bytes() for path in sorted((data / "pages").glob("*.html"))]
    if real:
        return real
    text = "<p>样例主播在直播间承诺的赠品没有寄到，消费者要求退款，平台表示正在核实。</p>" * 80
    script = "<script>var state = {};</script>" * 2500
    return [
        f"<html><head><title>样例新闻{n}</title>{script}</head><body><h1>样例新闻{n}</h1>{text}</body></html>".encode()
        for n in range(20)
    ]


def _timed(way: Callable[[str], None], url: str) -> float:
    """Seconds of one crawl in a child process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fengping.spiders.run.preload", __name__])
    child = context.Process(target=way, args=(url,))
    started = time.perf_counter()
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the crawl ended with code {child.exitcode}")
    return time.perf_counter() - started


class _Plain(Spider):
    name = "plain"
    url: str

    async def start(self) -> AsyncIterator[Any]:
        yield Request(self.url)

    def parse(self, response: Response) -> Iterator[Request]:
        for href in response.css("li a::attr(href)").getall():
            yield response.follow(href, callback=self.look)

    def look(self, response: Response) -> None:
        if response.status != 200:
            raise ValueError(response.status)


def _plain(url: str) -> None:
    settings = Settings({"ROBOTSTXT_OBEY": True, "LOG_LEVEL": "ERROR", "COOKIES_ENABLED": False})
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", CONCURRENCY)
    settings.set("CONCURRENT_REQUESTS", 2 * CONCURRENCY)
    settings.set("TELNETCONSOLE_ENABLED", False)
    process = AsyncCrawlerProcess(settings)
    process.crawl(_Plain, url=url)
    process.start()


def _as_shipped(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "sources").mkdir()
        (home / "fengping.toml").write_text(_CONFIG, encoding="utf-8")
        (home / "sources" / "bench.toml").write_text(_SOURCE.format(url=url), encoding="utf-8")
        work(Job(str(Home.open(home).root), "bench"), lambda message: None)


def _unread(url: str) -> None:
    """Crawl with extraction stubbed out, to measure the chain itself: accounts, journal, state."""

    def nothing(html: object, *, url: str, fetched_at: datetime, **_: object) -> Page:
        return Page(title=url, text="样例" * 250, published_at=fetched_at, precision=Precision.SECOND)

    reading.extract = nothing  # type: ignore[assignment, attr-defined]
    _thread_only(url)


def _thread_only(url: str) -> None:
    reading.QUEUE = 1_000_000
    _as_shipped(url)


def _process_only(url: str) -> None:
    reading.QUEUE = 0
    _as_shipped(url)


@contextmanager
def _server(bodies: list[bytes], count: int) -> Iterator[str]:
    """A server process with a list of *count* pages; its list's address."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_serve, args=(bodies, count, theirs), daemon=True)
    child.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/list"
    finally:
        child.terminate()
        child.join()


def _serve(bodies: list[bytes], count: int, channel: Any) -> None:
    links = "".join(f'<li><a href="/{n}.html">{n}</a></li>' for n in range(count))
    listing = f"<html><body><ul>{links}</ul></body></html>".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readline():
            while (await reader.readline()).strip():
                pass
            path = request.split()[1].decode().strip("/")
            status, body = "200 OK", listing
            if path == "robots.txt":
                status, body = "404 Not Found", b""
            elif path != "list":
                body = bodies[int(path.partition(".")[0]) % len(bodies)]
            head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        channel.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())
