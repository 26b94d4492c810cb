"""Kills of a deployment's processes at random moments: what is lost or doubled, how long takeovers take."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fengping.home import Home
from fengping.indexer import open_journal
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.lab.deployment.fleet import Engines, Fleet, alone, documents, index, outcome, say
from fengping.state import State
from fengping.state.lease import holder_of

_PATIENCE = 900.0

COLLECT = """
import sys
from pathlib import Path
from fengping.home import Home
from fengping.indexer import open_journal
from fengping.lab.deployment.fleet import documents
root, size, seen, *numbers = sys.argv[1:]
posts = documents(int(size))
home, seen = Home.open(Path(root)), Path(seen)
with open_journal(home).writer() as writer, seen.open("a") as file:
    for number in map(int, numbers):
        writer.append(posts[number])
        writer.sync()
        file.write(f"{number}\\n")
        file.flush()
"""
"""A collector: a post counts as seen, and is never sent again, once the journal has it."""

INDEX = """
import os, sys, time
from pathlib import Path
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.lab.deployment.fleet import index
home, parent = Home.open(Path(sys.argv[1])), os.getppid()
while os.getppid() == parent:
    try:
        index(home)
    except FengpingError:
        pass
    time.sleep(0.2)
"""
"""An indexer that leads whenever it can."""

Victim = Callable[[], None]
"""Kills a server and starts it again."""


@dataclass
class Killed:
    """Outcome of one run."""

    kills: list[str] = field(default_factory=list)
    takeovers: list[float] = field(default_factory=list)
    """Seconds from the death of a leader to the first commit of the other."""
    differences: list[str] = field(default_factory=list)


class Run:
    """Three collectors and two indexers that are killed and begun again until every post is indexed."""

    def __init__(self, folder: Path, engines: Engines, size: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._posts = documents(size)
        self._fleet = Fleet(folder, engines)
        self._folder = folder
        self._shares = [list(range(number, size, 3)) for number in range(3)]
        for share in self._shares:
            self._chance.shuffle(share)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.found = Killed()

    def work(self, kills: int, servers: dict[str, Victim] | None = None) -> Killed:
        """Ends when all is indexed and *kills* have happened; compares with an embedded home."""
        victims = ["collector", "leader", *(servers or {})]
        deadline = time.monotonic() + _PATIENCE
        try:
            self._begin()
            while kills or not self._done():
                if time.monotonic() > deadline:
                    self.found.differences.append(f"not done after {_PATIENCE:.0f} seconds")
                    return self.found
                time.sleep(self._chance.uniform(0.5, 2.5))
                if kills:
                    kills -= 1
                    self._kill(victims[len(self.found.kills) % len(victims)], servers or {})
                self._begin()
        finally:
            for process in self._running.values():
                process.kill()
                process.wait()
        return self.compare()

    def compare(self) -> Killed:
        """Reads everything on a machine, and beside it of one home that nothing happened to."""
        home = self._fleet.machines[self._chance.randrange(3)]
        wait_for(lambda: not StillLed(home).is_led, _PATIENCE)
        index(home)
        single = alone(self._folder / "alone", self._posts)
        index(single)
        for one in (home, single):
            say(one, self._posts[0].id)
        self.found.differences += outcome(home).differences(outcome(single))
        return self.found

    def _begin(self) -> None:
        for number, home in enumerate(self._fleet.machines):
            left = [one for one in self._shares[number] if one not in self._seen(number)]
            if left and not self._alive(f"collector {number}"):
                self._start(f"collector {number}", COLLECT, home, len(self._posts), self._file(number), *left)
            if number < 2 and not self._alive(f"indexer {number}"):
                self._start(f"indexer {number}", INDEX, home)

    def _start(self, name: str, code: str, home: Home, *arguments: object) -> None:
        command = [sys.executable, "-c", code, str(home.root), *map(str, arguments)]
        self._running[name] = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def _alive(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def _kill(self, kind: str, servers: dict[str, Victim]) -> None:
        self.found.kills.append(kind)
        if kind in servers:
            servers[kind]()
            return
        if kind == "collector":
            names = [name for name in self._running if name.startswith(kind) and self._alive(name)]
        else:
            held = StillLed(self._fleet.machines[0])
            wait_for(lambda: held.is_led, 30)
            names = [name for name in self._running if f"Process {self._running[name].pid} " in held.holder]
        if not names:
            return
        process = self._running[self._chance.choice(names)]
        before = self._reached()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        died = time.monotonic()
        if kind == "leader" and not self._done():
            wait_for(lambda: self._reached() != before or self._done(), _PATIENCE)
            self.found.takeovers.append(time.monotonic() - died)

    def _reached(self) -> int:
        home = self._fleet.machines[0]
        with State.open(home).begin() as connection:
            return sum(p.offset for p in StoredCursor(home.config.store).load(connection).values())

    def _done(self) -> bool:
        if any(len(self._seen(number)) < len(share) for number, share in enumerate(self._shares)):
            return False
        home = self._fleet.machines[0]
        with State.open(home).begin() as connection:
            cursor = StoredCursor(home.config.store).load(connection)
        return not open_journal(home).pending(cursor)

    def _file(self, number: int) -> Path:
        return self._folder / f"seen-{number}"

    def _seen(self, number: int) -> set[int]:
        file = self._file(number)
        return set(map(int, file.read_text().split("\n")[:-1])) if file.exists() else set()


class StillLed:
    """The lease of the index, as it is now."""

    def __init__(self, home: Home) -> None:
        self._state = State.open(home)

    @property
    def holder(self) -> str:
        return holder_of(self._state, "index")

    @property
    def is_led(self) -> bool:
        return bool(self.holder)


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Returns once *condition* holds, or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
