"""Two machines on one source: the same documents as one, none twice, also when one of them dies."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from tests.site.homes import ends, journaled, list_source, make_home
from tests.site.server import Handler, Reply, Site, article, list_page, serve

from fengping.home import Home
from fengping.spiders.run import crawl
from fengping.spiders.runs import CrawlResult, Outcome

redis = pytest.importorskip("redis")
pytest.importorskip("scrapy_redis")
pytestmark = pytest.mark.service

PAGES = 4
EACH = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own on loopback."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    for _ in range(100):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture
def frontier(server: str) -> str:
    redis.Redis.from_url(server).flushall()
    return server


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        for number in range(1, PAGES + 1):
            links = {f"/p{number}-{n}.html": f"第{number}页第{n}条" for n in range(EACH)}
            for path, title in links.items():
                running.pages[path] = Reply(article(title, "赠品没有寄到"), wait=0.05)
            following = f"/list{number + 1}.html" if number < PAGES else ""
            running.pages[f"/list{number}.html"] = Reply(list_page(links, following))
        running.pages["/p2-0.html"] = Reply("error", 500)
        running.pages["/p3-1.html"] = Reply(status=302, headers={"Location": "/moved.html"})
        running.pages["/moved.html"] = Reply(article("搬走的一页", "新地址"))
        more = '<a class="more" href="/p4-2b.html">下一页</a>'
        running.pages["/p4-2.html"] = Reply(article("两页的文章", "前一半", extra=more))
        running.pages["/p4-2b.html"] = Reply(article("两页的文章", "后一半"), wait=0.05)
        yield running


def machine(folder: Path, site: Site, frontier: str) -> Home:
    config = (
        "[crawl]\ndelay = 0\nallow_private = true\nconcurrency_per_host = 1\nfrontier_lease = 2\n"
        f'frontier = "{frontier}"\ncontact = "{folder.name}"\n'
    )
    more = '[selectors.detail]\nnext_page = "a.more::attr(href)"'
    top = f"pagination = {{ max_pages = {PAGES} }}"
    return make_home(folder, config, news=list_source(site.url("/list1.html"), top, more))


def together(*homes: Home) -> list[CrawlResult]:
    with ThreadPoolExecutor(len(homes)) as pool:
        return [result for found in pool.map(crawl, homes) for result in found]


def stored(*homes: Home) -> set[str]:
    """Ids that a store would hold."""
    return {document.id for home in homes for document in journaled(home)}


def kept(*homes: Home) -> Counter[str]:
    return Counter(document.url for home in homes for document in journaled(home))


def test_two_machines_give_what_one_gives(site: Site, frontier: str, tmp_path: Path) -> None:
    alone = machine(tmp_path / "alone", site, "")
    (single,) = crawl(alone)
    site.requests.clear()
    one, two = machine(tmp_path / "one", site, frontier), machine(tmp_path / "two", site, frontier)
    results = together(one, two)
    assert [result.outcome for result in results] == [Outcome.FINISHED] * 2
    assert kept(one, two) == kept(alone)
    assert ends(results[0]) + ends(results[1]) == ends(single)
    assert min(result.documents for result in results) > 3
    fetched = Counter(path for path in site.requests if path != "/robots.txt")
    assert {path: n for path, n in fetched.items() if n > 1} == {"/p2-0.html": 3}


def test_the_next_round_finds_everything_known(site: Site, frontier: str, tmp_path: Path) -> None:
    one, two = machine(tmp_path / "one", site, frontier), machine(tmp_path / "two", site, frontier)
    together(one, two)
    before = kept(one, two)
    results = together(one, two)
    counts = ends(results[0]) + ends(results[1])
    assert counts["known"] == PAGES * EACH - 1 and counts["stored"] == 0
    assert kept(one, two) == before


def test_a_machine_that_dies_loses_nothing(site: Site, frontier: str, tmp_path: Path) -> None:
    alone = machine(tmp_path / "alone", site, "")
    crawl(alone)
    one, two = machine(tmp_path / "one", site, frontier), machine(tmp_path / "two", site, frontier)
    killed = threading.Event()
    good = site.pages["/p2-3.html"]

    def kill_its_reader(handler: Handler) -> Reply:
        """The machine that asks for this page first dies before it gets it."""
        if not killed.is_set():
            killed.set()
            name = "one" if handler.headers["User-Agent"].endswith(" one") else "two"
            log = str(tmp_path / name / "var" / "log" / "crawl-news.err")
            for process in psutil.Process().children(recursive=True):
                # Others may end while we look at them.
                with contextlib.suppress(psutil.Error):
                    if log in {file.path for file in process.open_files()}:
                        os.kill(process.pid, signal.SIGKILL)
        assert isinstance(good, Reply)
        return good

    site.pages["/p2-3.html"] = kill_its_reader
    results = together(one, two)
    assert sorted(result.outcome for result in results) == [Outcome.FAILED, Outcome.FINISHED]
    assert set(kept(one, two)) == set(kept(alone))
    # The page that was between journal and mark as the machine died may stand in both, under one id.
    assert kept(one, two).total() - kept(alone).total() <= 1
    assert stored(one, two) == stored(alone)


def test_a_frontier_that_does_not_answer_is_one_sentence(site: Site, tmp_path: Path) -> None:
    (result,) = crawl(machine(tmp_path / "one", site, "redis://127.0.0.1:1/0"))
    assert result.outcome is Outcome.FAILED
    assert "The frontier 127.0.0.1:1/0 does not answer" in result.reason or "does not answer" in result.reason
    assert "Start Redis" in result.reason


def test_requests_from_redis_cannot_run_code() -> None:
    from fengping.spiders.sharing import Codec

    with pytest.raises(pickle.UnpicklingError, match="has no place in a request"):
        Codec.loads(pickle.dumps({"url": "https://x.example", "meta": {"entry": os.system}}))
