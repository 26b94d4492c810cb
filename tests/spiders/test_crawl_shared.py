"""Two machines on one source: the same documents as one, none twice, also when one of them dies."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import psutil
import pytest
from scrapy import Request, Spider
from tests.meanwhile import noted
from tests.servers import needed, program
from tests.site.homes import add_source, ends, journaled, list_source, make_home
from tests.site.server import Handler, Reply, Site, article, list_page, serve

from fengping.errors import ForeignHome, StoreDown
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store_url
from fengping.indexer.pipeline import run as pipeline
from fengping.models import Precision
from fengping.services.deployment import check_frontier
from fengping.spiders import CrawlResult, Outcome, Status, crawl
from fengping.spiders.extraction import Entry
from fengping.spiders.health import history
from fengping.spiders.run import Ledger
from fengping.state import State

redis = pytest.importorskip("redis")

from fengping.spiders.cluster import Codec, Frontier, SharedScheduler, turn  # noqa: E402

PAGES = 4
EACH = 6


@contextlib.contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Redis server of our own on loopback, which finds in *folder* what it held before."""
    with needed():
        server = program("redis-server")
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder))
    options = (*options, "--appendonly", "yes", "--appendfsync", "always")
    process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    for _ in range(100):
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as (url, _):
        yield url


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


def machine(folder: Path, site: Site, frontier: str, delay: float = 0) -> Home:
    config = (
        f"[crawl]\ndelay = {delay}\nallow_private = true\nconcurrency_per_host = 1\nfrontier_lease = 2\n"
        f'frontier = "{frontier}"\ncontact = "{folder.name}"\n'
    )
    more = '[selectors.detail]\nnext_page = "a.more::attr(href)"'
    top = f"pagination = {{ max_pages = {PAGES} }}"
    home = make_home(folder, config, news=list_source(site.url("/list1.html"), top, more))
    return of_one_deployment(home)


def of_one_deployment(home: Home, identity: str = "c" * 32) -> Home:
    home.var.mkdir(exist_ok=True)
    (home.var / "identity").write_text(identity, encoding="ascii")
    return home


def together(*homes: Home) -> list[CrawlResult]:
    with ThreadPoolExecutor(len(homes)) as pool:
        return [result for found in pool.map(crawl, homes) for result in found]


def stored(*homes: Home) -> set[str]:
    """Ids that a store would hold."""
    return {document.id for home in homes for document in journaled(home)}


def kept(*homes: Home) -> Counter[str]:
    return Counter(document.url for home in homes for document in journaled(home))


@pytest.mark.long
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


@pytest.mark.long
def test_the_next_round_finds_everything_known(site: Site, frontier: str, tmp_path: Path) -> None:
    one, two = machine(tmp_path / "one", site, frontier), machine(tmp_path / "two", site, frontier)
    together(one, two)
    before = kept(one, two)
    results = together(one, two)
    counts = ends(results[0]) + ends(results[1])
    assert counts["known"] == PAGES * EACH - 1 and counts["stored"] == 0
    assert kept(one, two) == before


@pytest.mark.long
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


def test_a_url_is_taken_up_and_queued_in_one_step(frontier: str, tmp_path: Path) -> None:
    """A machine that died between two commands would leave a URL that everyone takes for another's."""
    shared = Frontier(frontier, make_home(tmp_path / "one", ""), "news", 2)
    with noted(shared.server, "execute_command") as calls:
        shared.enter("https://a.example/1", -3, b"request")
        assert [name for name, *_ in calls] == ["EVAL"]
        shared.enter("https://a.example/1", -3, b"request again")
        assert shared.lease() == b"request" and shared.lease() is None
        # So is one that goes on as another: as its next page, or as a second try.
        leased = shared.key(f"leased:{shared.machine}")
        shared.leased("one", b"request")
        shared.enter("two", 0, b"next page", ["one"])
        assert shared.server.hlen(leased) == 0 and shared.lease() == b"next page"
        shared.leased("two", b"next page")
        shared.enter("", 0, b"second try", ["two"])
        assert shared.server.hlen(leased) == 0 and shared.lease() == b"second try"
    commands = [name for name, *_ in calls]
    assert commands.count("EVAL") == 8 and "HDEL" not in commands
    shared.leave()


@pytest.mark.long
def test_two_machines_ask_a_host_no_faster_than_one(site: Site, frontier: str, tmp_path: Path) -> None:
    asked: list[float] = []

    def note(reply: Reply) -> Callable[[Handler], Reply]:
        def answer(handler: Handler) -> Reply:
            asked.append(time.monotonic())
            return reply

        return answer

    delay = 0.3
    for path, reply in list(site.pages.items()):
        assert isinstance(reply, Reply)
        site.pages[path] = note(replace(reply, wait=0))
    homes = [machine(tmp_path / name, site, frontier, delay) for name in ("one", "two")]
    results = together(*homes)
    assert [result.outcome for result in results] == [Outcome.FINISHED] * 2
    assert min(result.documents for result in results) > 3, "both took part"
    # A request may be on its way longer than the next one; over the whole crawl that evens out.
    assert asked[-1] - asked[0] >= delay * (len(asked) - 2)


def scheduler_of(frontier: Frontier) -> Any:
    """A scheduler of a run that only keeps its books."""
    run: Any = SimpleNamespace(frontier=frontier, ledger=Ledger(on_close=frontier.closed))
    made = SharedScheduler(run, frontier)
    spider = Spider("news")
    spider.equip = lambda request: None  # type: ignore[attr-defined]
    made.open(spider)
    return made


def test_a_page_that_is_met_again_under_way_ends_once(frontier: str, tmp_path: Path) -> None:
    """A list that is read again beside its pages, as after a server that came back, took them out of the
    books: their ends were refused, their leases stayed, and all machines waited until their limit."""
    shared = Frontier(frontier, make_home(tmp_path / "one", ""), "news", 60)
    scheduler = scheduler_of(shared)
    page = "https://a.example/1"
    scheduler.run.ledger.open(page)
    assert scheduler.enqueue_request(Request(page, meta={"met": page}))
    # The list that is read again yields the page before it is leased, and it is queued after.
    scheduler.run.ledger.open(page)
    assert scheduler.next_request().url == page
    assert not scheduler.enqueue_request(Request(page, meta={"met": page}))
    assert shared.is_busy()
    scheduler.run.ledger.close(page, Status.STORED)
    assert not shared.is_busy()
    assert scheduler.run.ledger.counts == {Status.STORED: 1}


QUEUED = (
    b"\x80\x05\x95\xdd\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x03url\x94\x8c\x13https://a.example/1\x94\x8c\x08callback"
    b"\x94\x8c\x05parse\x94\x8c\x07errback\x94N\x8c\x07headers\x94}\x94\x8c\x04body\x94C\x00\x94\x8c\x07cookies\x94}"
    b"\x94\x8c\x04meta\x94}\x94\x8c\x03met\x94\x8c\x13https://a.example/1\x94s\x8c\x08encoding\x94\x8c\x05utf-8\x94"
    b"\x8c\x05flags\x94]\x94\x8c\tcb_kwargs\x94}\x94\x8c\x0bdont_filter\x94\x89\x8c\x06method\x94\x8c\x03GET\x94"
    b"\x8c\x08priority\x94K\x03u."
)
"""A request as version 0.2 wrote it."""


@pytest.mark.long
def test_a_queue_is_written_and_read_as_in_version_0_2(frontier: str, tmp_path: Path) -> None:
    scheduler = scheduler_of(Frontier(frontier, make_home(tmp_path / "one", ""), "news", 60))
    client = redis.Redis.from_url(frontier)
    page = "https://a.example/1"
    scheduler.run.ledger.open(page)
    assert scheduler.enqueue_request(Request(page, scheduler.spider.parse, priority=3, meta={"met": page}))
    assert client.zrange("fengping:news:requests", 0, -1, withscores=True) == [(QUEUED, -3.0)]
    found = scheduler.next_request()
    assert (found.url, found.priority, found.callback) == (page, 3, scheduler.spider.parse)


@pytest.mark.long
def test_a_machine_that_was_silent_asks_for_nothing_twice(frontier: str, tmp_path: Path) -> None:
    homes = [of_one_deployment(make_home(tmp_path / name, "")) for name in ("one", "two")]
    shared = Frontier(frontier, homes[0], "news", 0.05)
    scheduler = scheduler_of(shared)
    for number in range(2):
        page = f"https://a.example/{number}"
        scheduler.run.ledger.open(page)
        assert scheduler.enqueue_request(Request(page, meta={"met": page}))
    first, second = scheduler.next_request(), scheduler.next_request()
    scheduler.run.ledger.close(second.url, Status.STORED)
    time.sleep(0.1)
    Frontier(frontier, homes[1], "news", 60).beat()  # takes it for dead, and gives both pages back
    scheduler.run.memory = SimpleNamespace(find=lambda key: None)
    assert scheduler.next_request().url == second.url, "what has ended is read again: its end was not known"
    assert scheduler.next_request() is None, "what is under way is not asked for again"
    for page in (first.url, second.url):
        assert shared.is_busy()
        scheduler.run.ledger.close(page, Status.STORED)
    assert not shared.is_busy()


@pytest.mark.long
def test_turns_lie_a_delay_apart_for_all_machines_and_sources(
    site: Site, frontier: str, tmp_path: Path
) -> None:
    homes = [machine(tmp_path / name, site, frontier) for name in ("one", "two")]
    ends = [Frontier(frontier, home, name, 60) for home, name in zip(homes, ("a", "b"), strict=True)]
    begin = time.monotonic()
    turns = [time.monotonic() - begin + turn(ends[n % 2].server, "host.example", 100) for n in range(6)]
    spent = time.monotonic() - begin
    assert all(99.9 <= later - earlier <= 100.1 + spent for earlier, later in pairwise(turns))
    assert turn(ends[0].server, "other.example", 100) == 0


@pytest.mark.long
def test_a_further_page_is_one_articles_on_all_machines(frontier: str, tmp_path: Path) -> None:
    """Read on two machines, an article goes on once; what a list or another article led to is none of it."""
    homes = [of_one_deployment(make_home(tmp_path / name, "")) for name in ("one", "two")]
    ends = [Frontier(frontier, home, "news", 60) for home in homes]
    desks = [scheduler_of(end) for end in ends]
    article, more = "https://a.example/1", "https://a.example/1b"
    further = Request(more, meta={"met": more, "parts": SimpleNamespace(met=article)})
    for desk in desks:  # the second takes the first for dead
        desk.run.ledger.open(article)
        desk.frontier.leased(article, b"request")
        desk.frontier.server.hset(desk.frontier.key(f"leased:{desk.frontier.machine}"), *lease_of(b"request"))
        assert desk.frontier.goes_on(more, article) and not desk.frontier.goes_on(more, "https://a.example/2")
        desk.run.ledger.open(more)
        desk.enqueue_request(further)
        assert desk.run.ledger.ends == {}
    queued = ends[0].lease()
    assert queued is not None and ends[1].lease() is None
    ends[0].leased(more, queued)
    ends[0].closed(more)
    assert not ends[0].is_busy()
    # Under way here, it is the page that was read twice that ends.
    ends[1].leased(more, queued)
    ends[1].leased(article, b"request")
    desks[1].enqueue_request(further)
    assert ends[1].holds(more) and not ends[1].holds(article)
    ends[0].enter("https://a.example/3", 0, b"listed")
    assert not ends[1].goes_on("https://a.example/3", article)


def lease_of(data: bytes) -> tuple[str, bytes]:
    return hashlib.sha1(data).hexdigest(), data


@pytest.mark.long
def test_a_next_page_that_a_list_named_is_an_article_of_its_own(
    site: Site, frontier: str, tmp_path: Path
) -> None:
    """Such as the link to the next article; the first ended nowhere, and all waited until their limit."""
    more = '<a class="more" href="/p1-3.html">下一篇</a>'
    site.pages["/p1-1.html"] = Reply(article("第1页第1条", "头一篇", extra=more))
    alone = machine(tmp_path / "alone", site, "")
    crawl(alone)
    homes = [machine(tmp_path / name, site, frontier) for name in ("one", "two")]
    results = together(*homes)
    assert [result.outcome for result in results] == [Outcome.FINISHED] * 2
    assert kept(*homes) == kept(alone)
    assert "头一篇" in next(d.text for d in journaled(homes[0]) + journaled(homes[1]) if "p1-1" in d.url)


@pytest.mark.long
def test_what_was_leased_without_our_knowing_comes_back(frontier: str, tmp_path: Path) -> None:
    """The server did it, and its answer was lost with the connection."""
    shared = Frontier(frontier, make_home(tmp_path / "one", ""), "news", 60)
    for data in (b"first", b"second"):
        shared.enter(data.decode(), 0, data)
    shared.leased("first", shared.lease() or b"")
    shared.lease()
    assert shared.is_busy() and shared.lease() == b"second"
    shared.leased("second", b"second")
    # Two requests of one page, as a retry beside what another gave back: its end is that of both.
    shared.enter("", 0, b"first, again", ["first"])
    shared.enter("beside", 0, b"first")
    for _ in range(2):
        shared.leased("first", shared.lease() or b"")
    shared.closed("first")
    assert shared.is_busy()
    shared.closed("second")
    assert not shared.is_busy()


@pytest.mark.long
def test_a_frontier_that_dies_between_two_questions_stops_the_crawl(tmp_path: Path) -> None:
    """Raised where Scrapy queues what a page led to, an error would keep its engine waiting for ever."""
    with redis_server(tmp_path) as (url, process):
        scheduler = scheduler_of(Frontier(url, make_home(tmp_path / "one", ""), "news", 60))
        process.kill()
        process.wait()
        stopped: list[str] = []
        scheduler.run.fatal, scheduler.run.stop = None, stopped.append
        page = "https://a.example/1"
        scheduler.run.ledger.open(page)
        assert not scheduler.enqueue_request(Request(page, meta={"met": page}))
        assert isinstance(scheduler.run.fatal, StoreDown) and stopped == ["failed"]
        assert scheduler.run.ledger.is_open(page), "another crawl comes to it"
        assert scheduler.next_request() is None and scheduler.has_pending_requests()
        assert stopped == ["failed"] * 3


@pytest.mark.long
def test_a_frontier_that_dies_ends_the_crawl_with_a_sentence(site: Site, tmp_path: Path) -> None:
    with redis_server(tmp_path) as (url, process):
        good = site.pages["/p2-3.html"]

        def end_server(handler: Handler) -> Reply:
            process.kill()
            process.wait()
            assert isinstance(good, Reply)
            return good

        site.pages["/p2-3.html"] = end_server
        home = machine(tmp_path / "one", site, url)
        (result,) = crawl(home)
    assert result.outcome is Outcome.FAILED
    assert "does not answer" in result.reason and "Start Redis" in result.reason
    assert journaled(home)


@pytest.mark.long
@pytest.mark.parametrize("keeps", [True, False], ids=["with what it held", "empty"])
def test_a_frontier_that_comes_back_loses_and_doubles_nothing(
    site: Site, tmp_path: Path, keeps: bool
) -> None:
    alone = machine(tmp_path / "alone", site, "")
    crawl(alone)
    good = site.pages["/p2-3.html"]
    with redis_server(tmp_path) as (url, process):

        def end_server(handler: Handler) -> Reply:
            process.kill()
            process.wait()
            assert isinstance(good, Reply)
            return good

        site.pages["/p2-3.html"] = end_server
        homes = [machine(tmp_path / name, site, url) for name in ("one", "two")]
        results = together(*homes)
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert all("does not answer" in result.reason for result in results)
    before = kept(*homes)
    assert before.total() > 3
    site.pages["/p2-3.html"] = good
    if not keeps:
        shutil.rmtree(tmp_path / "appendonlydir")
    with redis_server(tmp_path, int(url.rpartition(":")[2].partition("/")[0])):
        # Whatever was leased is another's until its lease ends.
        for _ in range(2):
            results = together(*homes)
    assert {result.outcome for result in results} == {Outcome.FINISHED}
    assert stored(*homes) == stored(alone)
    # A page between journal and mark may stand twice, one for each that each machine had under way.
    assert kept(*homes).total() - kept(alone).total() <= len(homes)


@pytest.mark.long
def test_a_page_in_two_journals_is_one_document(site: Site, frontier: str, tmp_path: Path) -> None:
    """A machine that dies between a line of its journal and the mark leaves the page in two journals."""
    one, two = machine(tmp_path / "one", site, frontier), machine(tmp_path / "two", site, frontier)
    results = together(one, two)
    twice = journaled(one)[0]
    with open_journal(two).writer() as writer:
        writer.append(replace(twice, fetched_at=twice.fetched_at - timedelta(seconds=1)))
    store = open_store_url("memory:")
    for home in (one, two):
        pipeline.index(home, store, indexed_at=twice.fetched_at)
    assert store.count(Filter()) == len(stored(one, two)) == sum(result.documents for result in results)
    assert kept(one, two).total() == store.count(Filter()) + 1
    # The next run of the machine takes over what it had left, and counts nothing anew.
    again = together(one, two)
    assert sum(result.documents for result in again) == 0
    for home in (one, two):
        with State.open(home).begin() as connection:
            days = history(connection, date(2020, 1, 1), date(2100, 1, 1))["news"]
        counted = sum(day.documents for day in days)
        assert counted == sum(r.documents for r, h in zip(results, (one, two), strict=True) if h is home)


@pytest.mark.long
def test_the_frontier_of_another_deployment_is_refused(site: Site, frontier: str, tmp_path: Path) -> None:
    one = machine(tmp_path / "one", site, frontier)
    crawl(one)
    other = of_one_deployment(machine(tmp_path / "other", site, frontier), "d" * 32)
    (result,) = crawl(other)
    assert result.outcome is Outcome.FAILED and journaled(other) == []
    place = frontier.removeprefix("redis://")
    assert f"The frontier {place} belongs to another home (identity {'c' * 32}" in result.reason
    with pytest.raises(ForeignHome, match="belongs to another home"):
        check_frontier(other)
    assert check_frontier(one) == place
    # What was there before homes were told apart belongs to the first that comes.
    redis.Redis.from_url(frontier).delete("fengping:home")
    assert sum(result.documents for result in crawl(one)) == 0


@pytest.mark.long
def test_a_frontier_that_does_not_answer_is_one_sentence(site: Site, tmp_path: Path) -> None:
    (result,) = crawl(machine(tmp_path / "one", site, "redis://127.0.0.1:1/0"))
    assert result.outcome is Outcome.FAILED
    assert "The frontier 127.0.0.1:1/0 does not answer" in result.reason or "does not answer" in result.reason
    assert "Start Redis" in result.reason


@pytest.mark.long
def test_rendered_lists_and_pages_are_shared(site: Site, frontier: str, tmp_path: Path) -> None:
    text = list_source(site.url("/list1.html")).replace('kind = "list"', 'kind = "browser"')
    homes = [machine(tmp_path / name, site, frontier) for name in ("one", "two")]
    for home in homes:
        add_source(home.root, "news", text + "[browser]\nmax_scrolls = 0\n")
    results = together(*homes)
    assert [(result.outcome, result.reason) for result in results] == [(Outcome.FINISHED, "")] * 2
    assert kept(*homes) == {site.url(f"/p1-{n}.html"): 1 for n in range(EACH)}
    assert ends(results[0]) + ends(results[1]) == {"listed": 1, "stored": EACH}


@pytest.mark.long
def test_a_request_that_cannot_be_read_ends_and_is_told(site: Site, frontier: str, tmp_path: Path) -> None:
    """Another version wrote it, or another program: leased and never ended, it kept a crawl to its limit."""
    redis.Redis.from_url(frontier).zadd("fengping:news:requests", {b"no request": -9, Codec.dumps({}): -9})
    one = machine(tmp_path / "one", site, frontier)
    (result,) = crawl(one)
    assert result.outcome is Outcome.FINISHED
    assert result.documents == PAGES * EACH - 1 and ends(result)["unfinished"] == 2
    assert len([told for told in result.signals if "cannot be read" in told]) == 2
    # The next one meets none of it again.
    (again,) = crawl(one)
    assert again.outcome is Outcome.FINISHED and ends(again)["unfinished"] == 0


def test_every_python_reads_the_requests_of_every_other() -> None:
    entry = Entry("https://a.example/1", "key", precision=Precision.DAY)
    # As in Python 3.11.2, the one of Debian 12.
    with mock.patch.object(
        Precision, "__reduce_ex__", lambda value, protocol: (getattr, (Precision, value.name))
    ):
        data = Codec.dumps({"met": entry.url, "entry": entry})
    assert Codec.loads(data) == {"met": entry.url, "entry": entry}


def test_requests_from_redis_cannot_run_code() -> None:
    # A path through a module of ours to what that imports; pickle itself writes none.
    through = b"\x80\x04\x8c\x1bfengping.spiders.run.worker\x8c\x09os.system\x93."
    ours = [pickle.dumps(crawl), pickle.dumps(Frontier)]  # a function, and a class that is no record
    for data in (pickle.dumps({"meta": {"entry": os.system}}), through, *ours):
        with pytest.raises(pickle.UnpicklingError, match="has no place in a request"):
            Codec.loads(data)
    assert "_class" not in Codec.loads(
        Codec.dumps({"_class": "venv.__main__.run", "url": "https://a.example/"})
    )
