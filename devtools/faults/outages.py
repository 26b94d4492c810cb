"""Outages: a server dies or answers wrongly while a command runs, which then runs again to its end."""

from __future__ import annotations

import http.client
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from devtools.faults.homes import (
    Command,
    Tally,
    Truth,
    commands,
    differences,
    faults_left,
    make_base,
    settle,
    start,
    traceback_in,
    truth,
)
from devtools.faults.proxy import BUSY, EMPTY, PAGE, Answer, Fault, Proxy
from devtools.faults.servers import Server, Started
from devtools.faults.site import PAGES, Site
from fengping.errors import FengpingError
from fengping.home import Home

SIZE = 60
"""Documents of each home before the outage."""
SECONDS = 240
"""After which a command counts as hanging."""
RUNS = 3
"""Runs after the outage in which a command must come to its end."""
ALWAYS = 1_000_000
SHORT = 3
"""Requests of an outage through which a command's own patience should carry it."""
_OF_THE_STORE = ("index", "reindex", "import", "forget", "alerts check", "report")

Ended = tuple[int, str]
"""Code and stderr."""


@dataclass(frozen=True)
class Draw:
    """The draw of a seed."""

    seed: int
    kind: str
    command: Command
    chance: random.Random


class Outages:
    """Outages of *node* (seen through *proxy*) and *redis*; crawls are of *site*. Homes stand in *folder*."""

    def __init__(self, folder: Path, node: Server, proxy: Proxy, redis: Started, site: Site) -> None:
        self.folder = folder
        self.node, self.proxy, self.redis, self.site = node, proxy, redis, site
        self.kinds: dict[str, Callable[[Draw, int], Fault]] = {
            "node killed": self._killed,
            "node killed, back at once": self._back,
            "slow": self._slow,
            "429": lambda draw, at: self._wrong(draw, at, BUSY),
            "HTML": lambda draw, at: self._wrong(draw, at, replace(PAGE, named=draw.chance.random() < 0.5)),
            "{}": lambda draw, at: self._wrong(draw, at, EMPTY),
            "index closed": self._closed,
        }
        self.of_redis = ("Redis killed", "Redis killed, back at once", "Redis back without its data")
        named = commands(folder)
        self.commands = [self._with_store(named[name]) for name in _OF_THE_STORE]
        self.crawl = named["crawl"]
        self.tallies = {name: Tally() for name in (*self.kinds, *self.of_redis)}
        self.notes: list[str] = []
        """A sentence on each trial that did not survive."""
        self._expected: dict[str, tuple[Truth, int]] = {}
        self._homes = 0

    @staticmethod
    def _with_store(command: Command) -> Command:
        if command.name == "import":
            return replace(command, journals=False, then=("index",))
        return command

    def trial(self, seed: int, kind: str = "", command: str = "") -> bool:
        """One outage, drawn by *seed* where *kind* and *command* are not given; whether it was survived."""
        kinds = (*self.kinds, *self.of_redis)
        kind = kind or kinds[seed % len(kinds)]
        if kind in self.of_redis:
            drawn = self.crawl
        else:
            turn = (seed + seed // len(kinds)) % len(self.commands)
            drawn = next((one for one in self.commands if one.name == command), self.commands[turn])
        draw = Draw(seed, kind, drawn, random.Random(seed))
        expected, moments = self._unbroken(drawn)
        home = self._home(drawn)
        if kind in self.of_redis:
            hit, broken = self._without_redis(draw, home, moments)
        else:
            hit, broken = self._without_node(draw, home, moments)
        faults = self._judge(home, drawn, expected, broken)
        tally = self.tallies[kind]
        tally.hit += hit
        tally.note(seed, faults)
        if faults:
            self.notes.append(f"seed {seed}, {kind}, {drawn.name}: {sorted(faults)}; it had said {broken}")
        self._clear(home)
        return not faults

    def _judge(self, home: Home, command: Command, expected: Truth, broken: Sequence[Ended]) -> set[str]:
        faults: set[str] = set()
        again: list[Ended] = []
        try:
            if command.journals:
                settle(home)
            if differences(expected, truth(home)) and all(ended == (0, "") for ended in broken):
                faults.add("silent")
        except FengpingError as error:
            faults |= {"damaged", str(error)}
        else:
            for _ in range(RUNS):
                again = _run(home, command)
                if all(code in command.codes for code, _ in again):
                    break
            else:
                faults.add(f"does not come to its end: {again}")
            left = faults_left(home, command, expected)
            if left and all(ended == (0, "") for ended in again):
                faults.add("silent")
            faults |= left
        if traceback_in(home, *(said for _, said in (*broken, *again))):
            faults.add("traceback")
        if any(code == HANGS for code, _ in (*broken, *again)):
            faults.add("hangs")
        return faults

    def _unbroken(self, command: Command) -> tuple[Truth, int]:
        """The things that a run without an outage leaves, and the requests it makes."""
        if command.name not in self._expected:
            home = self._home(command)
            self.proxy.expect(None)
            for code, said in _run(home, command):
                assert code == 0, said
            requests = self.proxy.seen or PAGES
            if command.journals:
                settle(home)
            self._expected[command.name] = truth(home), requests
            self._clear(home)
        return self._expected[command.name]

    def _home(self, command: Command) -> Home:
        self._homes += 1
        root, crawls = self.folder / f"home-{self._homes}", command is self.crawl
        store = "tantivy" if crawls else f"elasticsearch+http://127.0.0.1:{self.proxy.port}/{self._index}"
        self.proxy.expect(None)
        frontier = f"redis://127.0.0.1:{self.redis.port}/0" if crawls else ""
        if crawls:
            self.redis.kill()
            self.redis.empty()
            self.redis.start()
        self.site.on_page = lambda number: None
        home = make_base(root, self.site.url, store=store, frontier=frontier, size=SIZE)
        command.prepare(home)
        return home

    @property
    def _index(self) -> str:
        return f"outage{self.proxy.port}x{self._homes}"

    def _clear(self, home: Home) -> None:
        if home.config.store != "tantivy":
            self._ask("DELETE", self._indices())
        shutil.rmtree(home.root)

    def _without_node(self, draw: Draw, home: Home, requests: int) -> tuple[bool, list[Ended]]:
        fault = self.kinds[draw.kind](draw, draw.chance.randint(1, requests))
        self.proxy.expect(fault)
        broken = _run(home, draw.command)
        hit = self.proxy.is_hit
        self.proxy.expect(None)
        self.node.start()
        self._ask("POST", f"{self._indices()}/_open")
        self._ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=30s")
        return hit, broken

    def _killed(self, draw: Draw, at: int) -> Fault:
        return Fault(at, 1, act=self.node.kill, answered=draw.chance.random() < 0.5)

    def _back(self, draw: Draw, at: int) -> Fault:
        def kill_and_start() -> None:
            self.node.kill()
            threading.Thread(target=self.node.start).start()

        return Fault(at, 1, act=kill_and_start, answered=draw.chance.random() < 0.5)

    def _slow(self, draw: Draw, at: int) -> Fault:
        return Fault(at, draw.chance.randint(3, 15), seconds=draw.chance.uniform(0.5, 3))

    def _wrong(self, draw: Draw, at: int, answer: Answer) -> Fault:
        return Fault(at, draw.chance.choice((1, SHORT, ALWAYS)), answer)

    def _closed(self, draw: Draw, at: int) -> Fault:
        return Fault(at, 1, act=lambda: self._ask("POST", f"/{self._index}/_close"))

    def _indices(self) -> str:
        # Of a pattern a node neither opens nor deletes anything.
        found = orjson.loads(self._ask("GET", f"/{self._index}-*?expand_wildcards=all"))
        return "/" + ",".join(found)

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=60)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()

    def _without_redis(self, draw: Draw, home: Home, pages: int) -> tuple[bool, list[Ended]]:
        at, late = draw.chance.randint(1, pages), draw.chance.random() < 0.5
        self.site.asked = 0
        keeps, waits = draw.kind != self.of_redis[2], draw.kind == self.of_redis[0]

        def die(number: int) -> None:
            if number == at:
                self.redis.kill()
                if not keeps:
                    self.redis.empty()
                if not (waits or (late and not keeps)):
                    time.sleep(draw.chance.uniform(0, 1))
                    self.redis.start()

        self.site.on_page = die
        broken = _run(home, draw.command)
        hit = self.site.asked >= at
        self.site.on_page = lambda number: None
        self.redis.start()
        return hit, broken


HANGS = -1000


def _run(home: Home, command: Command) -> list[Ended]:
    """Runs *command* and what belongs to it, each to its end."""
    return [_ended(home, arguments) for arguments in (command.arguments, command.then) if arguments]


def _ended(home: Home, arguments: tuple[str, ...]) -> Ended:
    process = start(home, arguments)
    try:
        said = process.communicate(timeout=SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return HANGS, process.communicate()[1]
    return process.returncode, said
