"""Processes that read pages for a crawl: they answer, raise, die and end as the crawl needs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

_HEAD = """
import asyncio, os, sys
from datetime import UTC, datetime
from functools import partial
from fengping.spiders.run import worker_pool
worker_pool.prepare()
"""


def _script(body: str) -> str:
    return _HEAD + textwrap.dedent(body)


def _output(body: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _script(body)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_reader_answers_raises_and_dies() -> None:
    assert _output("""
        async def main():
            reader = await worker_pool.Reader.start()
            print(await reader.ask(partial(max, 3, 7)), await reader.ask(os.getpid) != os.getpid())
            try:
                await reader.ask(partial(int, "x"))
            except ValueError as error:
                print("ValueError", await reader.ask(partial(len, "ab" * 1_000_000)))
            try:
                await reader.ask(partial(os._exit, 3))
            except worker_pool.ReaderDied:
                print("died")
            other = await worker_pool.Reader.start()
            print(await other.ask(partial(abs, -5)))
        asyncio.run(main())
    """) == ["7 True", "ValueError 2000000", "died", "5"]  # fmt: skip


def test_a_job_behind_one_that_kills_or_hangs_is_told_apart() -> None:
    assert _output("""
        import time
        async def main():
            for deadly in (partial(os._exit, 3), partial(time.sleep, 60)):
                reader = await worker_pool.Reader.start(timeout=1.0)
                asked = (deadly, os.getpid, os.getpid)
                ends = await asyncio.gather(*map(reader.ask, asked), return_exceptions=True)
                print(*(type(end).__name__ for end in ends), reader.lives)
            reader = await worker_pool.Reader.start()
            jobs = (partial(time.sleep, seconds) for seconds in (0.3, 0, 0))
            head, behind, last = (asyncio.create_task(reader.ask(job)) for job in jobs)
            await asyncio.sleep(0.1)
            behind.cancel()
            print(await head, await last, reader.lives)
        asyncio.run(main())
    """) == ["ReaderDied NotBegun NotBegun False", "TimeoutError NotBegun NotBegun False", "None None True"]


@pytest.mark.long
def test_a_process_that_dies_costs_the_page_it_read_alone() -> None:
    assert _output("""
        import psutil
        from scrapy.http import HtmlResponse
        from fengping.spiders.run.pages import PageReader
        from fengping.spiders.sources import Source
        source = Source(name="sample", title="样例", kind="rss", urls=["https://news.example.com/"])
        body = "<h1>某店被罚的样例</h1>" + "<p>主播承诺的赠品没有寄到，要求退款。" * 3000
        response = HtmlResponse("https://news.example.com/1.html", body=body.encode())
        async def main():
            reader = PageReader()
            pages = [asyncio.create_task(reader.read(response, source, datetime.now(UTC))) for _ in range(40)]
            await pages[5]
            victims = [p for p in psutil.Process().children(recursive=True) if p.ppid() != os.getpid()]
            victims[0].kill()
            ends = await asyncio.gather(*pages, return_exceptions=True)
            print(len(victims) > 1, sum(isinstance(end, Exception) for end in ends) <= 1)
        asyncio.run(main())
    """) == ["True True"]


def test_pages_read_in_processes_are_as_read_here() -> None:
    assert _output("""
        import psutil
        from scrapy.http import HtmlResponse
        from fengping.spiders.extraction import NotAPage, extract
        from fengping.spiders.run.pages import PageReader
        from fengping.spiders.sources import Source
        source = Source(name="sample", title="样例", kind="rss", urls=["https://news.example.com/"])
        now = datetime(2026, 11, 11, tzinfo=UTC)
        def page(n):
            text = f"<h1>第{n}条样例新闻的题目</h1><p>" + f"主播承诺的第{n}件赠品没有寄到，要求退款。" * 9
            return HtmlResponse(f"https://news.example.com/{n}.html", body=text.encode())
        async def main():
            reader = PageReader()
            pages = await asyncio.gather(*(reader.read(page(n), source, now) for n in range(40)))
            print(pages == [extract(page(n).body, url=page(n).url, fetched_at=now) for n in range(40)])
            refused = await asyncio.gather(*(
                reader.read(page(0).replace(body=b"%PDF-1.7"), source, now) for _ in range(3)
            ), return_exceptions=True)
            print({type(r) for r in refused} == {NotAPage}, len(children()) > 2)
            reader.close()
            await asyncio.sleep(0.5)
            print(len(children()))
        def children():
            return [p for p in psutil.Process().children(recursive=True) if p.status() != "zombie"]
        asyncio.run(main())
    """) == ["True", "True True", "1"]  # fmt: skip


@pytest.mark.long
def test_a_page_is_read_though_nobody_holds_its_task() -> None:
    # asyncio keeps tasks by weak references, and Scrapy does not keep those of its callbacks.
    assert _output("""
        import gc
        from scrapy.http import HtmlResponse
        from fengping.spiders.run.pages import PageReader
        from fengping.spiders.sources import Source
        source = Source(name="sample", title="样例", kind="rss", urls=["https://news.example.com/"])
        response = HtmlResponse("https://news.example.com/1.html", body=("<p>样例" * 5000).encode())
        done = []
        async def read(reader):
            done.append(await reader.read(response, source, datetime.now(UTC)))
        async def main():
            reader = PageReader()
            for _ in range(40):
                asyncio.create_task(read(reader))
            for turn in range(3000):
                await asyncio.sleep(0 if turn < 300 else 0.01)
                if turn < 300:
                    gc.collect()
                if len(done) == 40:
                    break
            print(len(done))
        asyncio.run(main())
    """) == ["40"]  # fmt: skip


@pytest.mark.long
def test_where_no_process_can_be_had_a_thread_reads() -> None:
    assert _output("""
        import signal, psutil
        from scrapy.http import HtmlResponse
        from fengping.spiders.run.pages import PageReader
        from fengping.spiders.sources import Source
        for child in psutil.Process().children():
            child.kill(); child.wait()
        source = Source(name="sample", title="样例", kind="rss", urls=["https://news.example.com/"])
        async def main():
            reader = PageReader()
            body = "<h1>某店被罚的样例</h1>".encode()
            response = HtmlResponse("https://news.example.com/1.html", body=body)
            jobs = (reader.read(response, source, datetime.now(UTC)) for _ in range(20))
            pages = await asyncio.gather(*jobs, return_exceptions=True)
            print(sum(isinstance(page, Exception) for page in pages))
            print((await reader.read(response, source, datetime.now(UTC))).title)
        asyncio.run(main())
    """) == ["0", "某店被罚的样例"]  # fmt: skip


def test_processes_end_with_a_crawl_that_is_killed() -> None:
    body = """
        async def main():
            reader = await worker_pool.Reader.start()
            print(await reader.ask(os.getpid), await reader.ask(os.getppid), flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """
    with subprocess.Popen([sys.executable, "-c", _script(body)], stdout=subprocess.PIPE, text=True) as crawl:
        assert crawl.stdout is not None
        pids = [int(pid) for pid in crawl.stdout.readline().split()]
        crawl.send_signal(signal.SIGKILL)
        crawl.wait()
    for _ in range(200):
        if not any(_lives(pid) for pid in pids):
            return
        time.sleep(0.05)
    raise AssertionError("a reader outlived its crawl")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
