"""Several machines on real engines give what one embedded home gives, also when they are killed."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from tests.deployment import servers as engines
from tests.deployment.servers import Servers
from tests.servers import needed
from tests.site.homes import list_source
from tests.site.server import Reply, article, list_page, serve

from devtools.deployment.fleet import NOW, Fleet, alone, documents, index, outcome, say
from devtools.deployment.kills import ROLES, Run
from fengping.errors import HomeBusy
from fengping.home import Home
from fengping.indexer import Filter, index_lock, open_journal, open_store
from fengping.indexer.journal import JournalWriter
from fengping.indexer.pipeline import run as pipeline
from fengping.models import RawDocument
from fengping.scheduler.lease import held
from fengping.services import crawling
from fengping.spiders import crawl
from fengping.state import State

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with needed(), engines.running(tmp_path_factory.mktemp("servers")) as found:
        yield found


def test_three_machines_are_as_one(servers: Servers, tmp_path: Path) -> None:
    chance, posts = random.Random(3), documents(180)
    fleet = Fleet(tmp_path, servers.engines())
    one, two, three = fleet.machines
    fleet.collect(posts[:120], chance)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(index_in_turn, (one, two)))
    assert sum(run.lines for run in runs) == 120
    say(three, posts[0].id)
    # While one machine writes, an analyst's word on another waits and is not lost.
    with index_lock(one):
        say(three, posts[4].id)
    fleet.collect(posts[120:], chance)
    index(two)
    single = alone(tmp_path / "alone", chance.sample(posts, len(posts)))
    index(single)
    for number in (0, 4):
        say(single, posts[number].id)
    found, wanted = outcome(two), outcome(single)
    assert found.differences(wanted) == []
    assert len(wanted.alarms) == 1
    assert len(wanted.events) > 1
    # What one machine told, no other tells again; and each reads the same.
    assert outcome(one).differences(found) == []
    with served(two) as first, served(three) as second:
        answers = [ask(url, "/api/v1/search?q=%E7%BE%8A%E6%AF%9B&limit=500") for url in (first, second)]
    assert answers[0] == answers[1]
    assert int(str(answers[0]["total"])) > 10


def test_a_rebuild_goes_on_while_others_collect(servers: Servers, tmp_path: Path) -> None:
    posts = documents(90)
    fleet = Fleet(tmp_path, servers.engines(), machines=2)
    one, two = fleet.machines
    fleet.collect(posts[:60], random.Random(1))
    index(one)
    late = iter([posts[60:]])

    def arrive(_size: int, _lines: int) -> None:
        for rest in late:
            with open_journal(two).writer() as writer:
                writer.append(*rest)
            with pytest.raises(HomeBusy, match="already writes the index"), index_lock(two):
                pass

    store = open_store(one)
    seen = []

    def counted(size: int, lines: int) -> None:
        arrive(size, lines)
        seen.append(open_store(two).count(Filter()))

    pipeline.reindex(one, store, indexed_at=NOW, progress=counted, beside_every=0.0)
    distinct = len({post.id for post in posts})
    assert max(seen) == distinct, "new documents were put into the old index meanwhile"
    assert open_store(two).count(Filter()) == distinct
    single = alone(tmp_path / "alone", posts)
    index(single)
    assert outcome(two).differences(outcome(single)) == []


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_rebuild_outlives_the_restart_of_each_node(
    nodes: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        if nodes == 1:
            servers = request.getfixturevalue("servers")
        else:
            (tmp_path / "servers").mkdir()
            servers = stack.enter_context(engines.running(tmp_path / "servers", nodes=nodes))
        posts = documents(60 + 40 * nodes)
        fleet = Fleet(tmp_path, servers.engines(), machines=2)
        one, two = fleet.machines
        fleet.collect(posts[:60], random.Random(1))
        index(one)
        before = behind_alias(servers, one)
        left = list(range(nodes))

        def restarted(size: int, lines: int) -> None:
            """Documents come in and the next node goes; it comes back while the rebuild goes on."""
            if not left:
                return
            at = left.pop(0)
            with open_journal(two).writer() as writer:
                writer.append(*posts[60 + 40 * at : 100 + 40 * at])
            if nodes > 1:
                whole(servers, at)
            servers.nodes.kill(at)
            # Not in a thread of its own, with which it would end; until it answers some seconds pass.
            servers.nodes.start(at)

        pipeline.reindex(one, open_store(one), indexed_at=NOW, progress=restarted, beside_every=0.0)
        assert not left, "each node was restarted"
        after = behind_alias(servers, one)
        assert [int(name[-6:]) for name in after] == [int(before[0][-6:]) + 1]
        assert open_store(two).count(Filter()) == len(posts)
        index(two)
        single = alone(tmp_path / "alone", posts)
        index(single)
        assert outcome(two).differences(outcome(single)) == []


def behind_alias(servers: Servers, home: Home) -> list[str]:
    """Every index of the store of *home*, of which one alone stands behind its alias."""
    name = home.config.store.rpartition("/")[2]
    with Elasticsearch(servers.nodes.urls) as client:
        assert len(client.indices.get_alias(name=name)) == 1
        return sorted(client.indices.get(index=f"{name}-*").body)


def whole(servers: Servers, but: int) -> None:
    """Waits until all nodes are there with all copies, as whoever restarts one after the other does."""
    number = len(servers.nodes.urls)
    with Elasticsearch(servers.nodes.urls[(but + 1) % number], request_timeout=150) as client:
        client.cluster.health(wait_for_status="green", wait_for_nodes=str(number), timeout="120s")


@pytest.mark.parametrize(
    ("kinds", "names"),
    [
        (("collector", "leader"), ("PostgreSQL",)),
        (ROLES, ("PostgreSQL", "Redis", "broker", "node")),
    ],
    ids=["three", "all"],
)
def test_roles_and_servers_killed_in_turn_lose_and_double_nothing(
    kinds: Sequence[str], names: Sequence[str], servers: Servers, tmp_path: Path
) -> None:
    victims = {name: victim for name, victim in servers.victims(away=1.0).items() if name in names}
    killed = Run(tmp_path, servers.with_frontier(), size=90, seed=5).work(victims, kinds)
    assert killed.differences == []
    assert sorted(killed.kills) == sorted([*kinds, *names])
    assert all(one.terms <= 2 for one in killed.takeovers), killed.takeovers


def test_servers_killed_again_and_again_lose_nothing(servers: Servers, tmp_path: Path) -> None:
    victims = servers.victims(away=4.0)
    twice = {f"{name} {time}": victim for name, victim in victims.items() for time in ("once", "again")}
    killed = Run(tmp_path, servers.with_frontier(2), size=300, seed=6).work(twice)
    assert killed.differences == []
    assert len(killed.kills) == len(ROLES) + 8


@dataclass
class Standby:
    """Two machines that index, the leader and the one that stands by."""

    home: Home
    leader: subprocess.Popen[str]
    other: subprocess.Popen[str]


@pytest.fixture(scope="module")
def standby(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    fleet = Fleet(tmp_path_factory.mktemp("standby"), servers.engines(), machines=2)
    fleet.collect(documents(20), random.Random(2))
    state = State.open(fleet.machines[0])
    one, other = started = [start(home, "--role", "index") for home in fleet.machines]
    try:
        wait_for(lambda: held(state) is not None, *started)
        wait_for(lambda: leader(state) in {one.pid, other.pid}, *started)
        pair = (one, other) if one.pid == leader(state) else (other, one)
        yield Standby(fleet.machines[0], *pair)
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(120)


@pytest.mark.begins
def test_a_leader_of_the_schedule_is_killed(standby: Standby) -> None:
    standby.leader.kill()
    standby.leader.wait()
    assert leader(State.open(standby.home)) == standby.leader.pid


@pytest.mark.ends
def test_a_standby_takes_over_the_schedule(standby: Standby) -> None:
    standby.leader.kill()
    state = State.open(standby.home)
    wait_for(lambda: leader(state) == standby.other.pid, standby.other)
    wait_for(lambda: open_store(standby.home).count(Filter()) > 0, standby.other)


def test_three_collectors_fetch_each_page_once(servers: Servers, tmp_path: Path) -> None:
    with serve() as site:
        links = {f"/p{number}.html": f"第{number}条投诉" for number in range(24)}
        for path, title in links.items():
            site.pages[path] = Reply(article(title, f"{title}，赠品没有寄到"), wait=0.03)
        site.pages["/list.html"] = Reply(list_page(links))
        fleet = Fleet(tmp_path, servers.engines())
        crawling = f'\n[crawl]\ndelay = 0\nallow_private = true\nfrontier = "{servers.frontier}"\n'
        homes = [collector(home, crawling, site.url("/list.html")) for home in fleet.machines]
        with ThreadPoolExecutor(3) as pool:
            results = [result for found in pool.map(crawl, homes) for result in found]
        assert [result.reason for result in results] == ["", "", ""]
        assert sum(result.documents for result in results) == len(links)
        assert all(site.asked(path) == 1 for path in links)
        assert sorted(one.url for one in collected(homes[0])) == sorted(site.url(path) for path in links)


def test_a_machine_that_collects_sends_what_an_outage_left_though_it_finds_nothing_new(
    servers: Servers, tmp_path: Path
) -> None:
    [home] = Fleet(tmp_path, servers.engines(), machines=1).machines
    with JournalWriter(home.spool) as spool:
        spool.append(*documents(2))
    assert "wait in" in open_journal(home).facts()
    assert crawling.crawl(home) == []
    assert "wait in" not in open_journal(home).facts()
    assert {one.id for one in collected(home)} == {one.id for one in documents(2)}


def collector(home: Home, config: str, url: str) -> Home:
    with home.config_file.open("a", encoding="utf-8") as file:
        file.write(config)
    home.sources.mkdir(exist_ok=True)
    (home.sources / "news.toml").write_text(list_source(url), encoding="utf-8")
    return Home.open(home.root)


def collected(home: Home) -> list[RawDocument]:
    lines = [line for batch in open_journal(home).read({}, 1000) for line in batch.lines]
    return [line.document for line in lines if line.document]


def index_in_turn(home: Home) -> pipeline.Summary:
    while True:
        try:
            return index(home)
        except HomeBusy:
            time.sleep(0.2)


def start(home: Home, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), "run", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def leader(state: State) -> int:
    found = held(state)
    return int(found.holder.split(":")[1]) if found else 0


def wait_for(condition: Callable[[], bool], *processes: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 240
    while not condition():
        if any(process.poll() is not None for process in processes) or time.monotonic() > deadline:
            for process in processes:
                process.kill()
            pytest.fail(f"it did not get there: {[process.communicate()[0] for process in processes]}")
        time.sleep(0.1)


class served:
    """A machine that runs ``--role serve``; its address."""

    def __init__(self, home: Home) -> None:
        self._process = start(home, "--role", "serve", "--port", "0")

    def __enter__(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        found = re.search(r"http://\S+/", line)
        assert found, line
        return found[0].rstrip("/")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=60)


def ask(url: str, path: str) -> dict[str, object]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url + path, timeout=60) as answer:
        found: dict[str, object] = json.loads(answer.read())
    return found
