"""Kills of a deployment's processes at random moments: what is lost or doubled, how long takeovers take.

Three collectors share a frontier, two indexers and two owners of the schedule their leases, and two consoles
answer. Documents come in portions, one after each kill, and an analyst corrects one on a console meanwhile.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from devtools.deployment.consoles import GONE, Console
from devtools.deployment.fleet import (
    NOW,
    WITH_EACH,
    Engines,
    Fleet,
    alone,
    documents,
    index,
    letters_lost,
    outcome,
    say,
)
from devtools.deployment.processes import Nursery, Process
from devtools.deployment.roles import frontier_of
from devtools.deployment.takeovers import INDEX, SCHEDULE, Leases, Takeover
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.services import correct
from fengping.state import State

ROLES = ("collector", "leader", "owner", "console")
"""Kinds of process that are killed: a collector, the leading indexer, the schedule's owner, a console."""
_RIGHTS = {"leader": ("indexer", INDEX), "owner": ("owner", SCHEDULE)}
_PATIENCE = 900.0
_CORRECTED = 1
"""The document that an analyst corrects; no alarm rests on it."""
_LATER = timedelta(hours=1)
"""The last check comes later than any that a kill may have broken off."""

Victim = Callable[[], None]
"""Kills a server and starts it again."""


@dataclass
class Killed:
    """Outcome of one run."""

    kills: list[str] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


class Run:
    """A fleet whose processes are killed and begun again until every document is indexed."""

    def __init__(self, folder: Path, engines: Engines, size: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._posts = documents(size)
        self._fleet = Fleet(folder, engines, rules=WITH_EACH)
        self._home = self._fleet.machines[0]
        self._folder = folder
        self._began = time.time()
        self._unfed = self._chance.sample(range(size), size)
        self._nursery = Nursery()
        self._running: dict[str, Process] = {}
        self._consoles = [Console(self._log(f"console {number}")) for number in range(2)]
        self._leases = Leases(self._home)
        self._said = False
        self.found = Killed()

    def work(self, servers: Mapping[str, Victim] | None = None, kinds: Iterable[str] = ROLES) -> Killed:
        """Kills each of *kinds* and of *servers* once, in random order; compares with an embedded home."""
        servers = servers or {}
        victims = self._chance.sample([*kinds, *servers], len([*kinds, *servers]))
        portion = len(self._posts) // (len(victims) + 1) + 1
        try:
            with self._leases.watched():
                self._until(self._is_at_work, portion)
                for victim in victims:
                    time.sleep(self._chance.uniform(0.1, 2))
                    self._kill(victim, servers)
                    self._go_on(portion)
                self._until(self._is_done, len(self._posts))
            self._compare_consoles()
            self._end()
            self._compare()
        except TimeoutError as error:
            self.found.differences.append(str(error))
        finally:
            self.found.takeovers = self._leases.found
            for process in self._running.values():
                process.kill()
                process.wait()
            self._nursery.close()
            self._leave()
        return self.found

    def _go_on(self, portion: int) -> None:
        """Begins what is not there, hands *portion* documents to the collectors, and tries to correct one."""
        for number, home in enumerate(self._fleet.machines):
            self._begin("collector", number, home)
            if number < 2:
                self._begin("indexer", number, home)
                self._begin("owner", number, home)
            if number > 0:
                self._begin("console", number - 1, home)
        with suppress(FengpingError):
            frontier = frontier_of(self._home, works=False) if self._unfed and portion else None
            while frontier and portion and self._unfed:
                frontier.enter(str(self._unfed[-1]), 0, str(self._unfed[-1]).encode())
                self._unfed.pop()
                portion -= 1
        if not self._said:
            with suppress(*GONE):
                self._chance.choice(self._consoles).correct(self._posts[_CORRECTED].id)
                self._said = True

    def _begin(self, role: str, number: int, home: Home) -> None:
        name = f"{role} {number}"
        if name in self._running and self._running[name].poll() is None:
            return
        if role != "console":
            arguments = [role, str(home.root), str(len(self._posts)), str(self._began)]
            self._running[name] = self._nursery.begin(arguments, self._log(name))
            return
        command = [sys.executable, "-m", "fengping", "--home", str(home.root), "run", "--role", "serve"]
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen([*command, "--port", "0"], stdout=log, stderr=log)

    def _until(self, condition: Callable[[], bool], portion: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        self._go_on(portion)
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not done after {_PATIENCE:.0f} seconds")
            time.sleep(0.5)
            self._go_on(0 if portion < len(self._posts) else portion)

    def _is_at_work(self) -> bool:
        return (
            all(console.url for console in self._consoles)
            and bool(self._leases.holder(SCHEDULE))
            and self._indexed() > 0
        )

    def _is_done(self) -> bool:
        if self._unfed or not self._said or self._leases.waiting or self._indexed() < len(self._posts):
            return False
        with suppress(FengpingError), State.open(self._home).begin() as connection:
            cursor = StoredCursor(self._home.config.store).load(connection)
            return not open_journal(self._home).pending(cursor)
        return False

    def _indexed(self) -> int:
        with suppress(FengpingError), closing(open_store(self._home)) as store:
            return store.count(Filter())
        return 0

    def _kill(self, kind: str, servers: Mapping[str, Victim]) -> None:
        self.found.kills.append(kind)
        if kind in servers:
            servers[kind]()
            return
        role, right = _RIGHTS.get(kind, (kind, ""))
        name, holder = self._one_of(role, right)
        self._running[name].kill()
        self._running[name].wait()
        if right:
            self._leases.died(right, holder)

    def _one_of(self, role: str, right: str) -> tuple[str, str]:
        """The name of a process of that role, or of the one that holds *right*, and of its holder there."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            self._go_on(0)
            holder = self._leases.holder(right) if right else ""
            words = holder.replace(":", " ").split()
            found = [
                name for name, process in self._running.items()
                if name.startswith(role) and process.poll() is None
                and (not right or str(process.pid) in words)
            ]  # fmt: skip
            if found:
                return self._chance.choice(found), holder
            time.sleep(0.05)
        raise TimeoutError(f"no {role} was at work for {_PATIENCE:.0f} seconds")

    def _compare_consoles(self) -> None:
        """Both answer alike, whatever was killed."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            with suppress(*GONE):
                one, other = (console.search() for console in self._consoles)
                if one == other:
                    return
            time.sleep(0.5)
            self._go_on(0)
        self.found.differences.append("the consoles do not answer alike")

    def _end(self) -> None:
        """Ends the processes as a person does, so that they give back what they hold."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)

    def _compare(self) -> None:
        """Reads everything on a machine, and beside it of one home that nothing happened to."""
        machines, said = self._fleet.machines, self._posts[_CORRECTED].id
        home = self._chance.choice(machines)
        wait_for(lambda: not self._leases.holder(INDEX), _PATIENCE)
        at = NOW + _LATER
        index(home, at)
        single = alone(self._folder / "alone", self._posts, WITH_EACH)
        index(single, at)
        say(single, said, correct.listed(home, said)[-1].by)
        found = outcome(home, at).differences(outcome(single, at), at_once=False)
        found += letters_lost([home, *machines], at + timedelta(days=1))
        for file in self._folder.glob("machine-*/var/scheduled/**/*.json"):
            json.loads(file.read_bytes())  # half a report would be none
        for log in sorted(self._folder.glob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace")
            if "Traceback" in text:
                found.append(f"a fault of the program in {log.name}: {text[-600:]}")
        self.found.differences += found

    def _leave(self) -> None:
        """Takes out of the frontier what is this deployment's, for a Redis serves one at a time."""
        with suppress(FengpingError):
            server = frontier_of(self._home, works=False).server
            for key in list(server.scan_iter("fengping:*")):
                server.delete(key)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name.replace(' ', '-')}.log"


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Returns once *condition* holds, or the time is over."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
