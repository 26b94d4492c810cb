"""Trials: a command on a copy of a home, killed, run again to its end, and compared with an unbroken run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.journal.log import Journal, JournalWriter
from fengping.indexer.pipeline import run as pipeline
from fengping.lab.faults import hooks
from fengping.models import RawDocument, document_id
from fengping.services import integrity

NOW = datetime(2020, 11, 12, tzinfo=UTC)
BASE = 150
NEW = 60
MOST_STEPS = 60
"""Steps of :mod:`~fengping.lab.faults.hooks` among which a kill is drawn; most commands take fewer."""

Truth = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Command:
    """A writing command, and what makes a home ready for it."""

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Home], object] = lambda home: None
    codes: frozenset[int] = frozenset({0})
    """Codes with which a second run may end."""


@dataclass
class Tally:
    """The outcome of the trials of one command."""

    tried: int = 0
    killed: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    """Trials that left another text, group or judgement than an unbroken run."""
    damaged: int = 0
    traceback: int = 0
    seeds: list[int] = field(default_factory=list)
    """Of trials that did not survive."""


def documents(start: int, stop: int) -> list[RawDocument]:
    """Posts, a seventh of them reposts of earlier ones."""
    chance = random.Random(11)
    characters = [chr(0x4E00 + 5 * n) for n in range(3_000)]
    texts: list[str] = []
    for number in range(stop):
        again = number > 20 and number % 7 == 0
        texts.append(
            texts[number - chance.randrange(1, 20)] if again else "".join(chance.choices(characters, k=60))
        )
    found = []
    for number in range(start, stop):
        url, at = f"https://sample.example/p/{number}", NOW - timedelta(minutes=number)
        found.append(
            RawDocument(
                document_id(url), "sample", texts[number], NOW,
                url=url, canonical_url=url, published_at=at,
            )
        )  # fmt: skip
    return found


def _write(home: Home, start: int, stop: int) -> None:
    with JournalWriter(home.journal) as writer:
        writer.append(*documents(start, stop))


def _damage(home: Home) -> None:
    last = max(home.journal.glob("*.jsonl.zst"))
    last.write_bytes(last.read_bytes()[: last.stat().st_size // 2])


def commands(folder: Path) -> tuple[Command, ...]:
    """The writing commands; *folder* holds what they read."""
    rows = folder / "rows.csv"
    lines = [
        f"{d.text},{d.published_at},https://sample.example/i/{n}" for n, d in enumerate(documents(0, NEW))
    ]
    rows.write_text("\n".join(["正文,时间,链接", *lines]), encoding="utf-8")
    doomed = documents(3, 4)[0]
    return (
        Command("index", ("index",), lambda home: _write(home, BASE, BASE + NEW)),
        Command("reindex", ("reindex",)),
        Command("import", ("import", str(rows), "--source", "vendor", "--yes")),
        Command("forget", ("forget", "--url", doomed.url, "--yes"), codes=frozenset({0, 1})),
        Command("correct", ("correct", documents(5, 6)[0].id, "--polarity", "pos", "--by", "trial")),
        Command("repair", ("repair", "--yes"), _damage),
    )


def make_base(root: Path) -> Home:
    """A home with :data:`BASE` indexed documents."""
    root.mkdir(parents=True)
    (root / "fengping.toml").write_text("[analysis]\nbatch = 20\nworkers = 1\n", encoding="utf-8")
    home = Home.open(root)
    _write(home, 0, BASE)
    settle(home)
    return home


def settle(home: Home) -> None:
    """Indexes what is left, so that the store can be compared."""
    with closing(open_store(home)) as store:
        pipeline.index(home, store, indexed_at=NOW)


def truth(home: Home) -> Truth:
    """Text, group and judgement of every document, as a reader sees them."""
    with closing(open_store(home)) as store:
        found = [
            (d.id, (d.raw.text, d.group, d.first_in_group, d.judgement.polarity))
            for d in store.scan(Filter())
        ]
        assert len(found) == store.count(Filter())
    seen: Truth = {}
    for id, said in found:
        seen[id] = (*said, *(("twice",) if id in seen else ()))
    return seen


def run(home: Home, command: Command, *, step: int = 0, path: Path | None = None) -> subprocess.Popen[str]:
    """Starts a command in a session of its own, with the hooks on its path where *step* is given."""
    environment = dict(os.environ)
    if step and path:
        paths = [str(path), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment |= {hooks.STEP: str(step), "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(
        [sys.executable, "-m", "fengping", "--home", str(home.root), *command.arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True,
    )  # fmt: skip


class Trials:
    """Trials over copies of one home in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = make_base(folder / "base")
        self.commands = commands(folder)
        self.path = folder / "hooks"
        self.path.mkdir()
        shutil.copy(hooks.__file__, self.path / "sitecustomize.py")
        self._copies = 0
        self.expected: dict[str, tuple[Truth, float]] = {}
        self.tallies = {command.name: Tally() for command in self.commands}

    def unbroken(self, command: Command) -> tuple[Truth, float]:
        """Documents that a run without a kill leaves, and the seconds it takes."""
        if command.name not in self.expected:
            home = self._copy(command)
            begin = time.monotonic()
            process = run(home, command)
            said = process.communicate()[1]
            seconds = time.monotonic() - begin
            assert process.returncode == 0, said
            settle(home)
            self.expected[command.name] = truth(home), seconds
        return self.expected[command.name]

    def _copy(self, command: Command) -> Home:
        # Each in a folder of its own: this process keeps connections to state databases by their paths.
        self._copies += 1
        root = self.folder / f"trial-{self._copies}"
        shutil.rmtree(self.folder / f"trial-{self._copies - 1}", ignore_errors=True)
        shutil.copytree(self.base.root, root)
        home = Home.open(root)
        command.prepare(home)
        return home

    def trial(self, seed: int) -> bool:
        """One kill, drawn by *seed*; whether the home survived it."""
        chance = random.Random(seed)
        command = self.commands[seed % len(self.commands)]
        expected, seconds = self.unbroken(command)
        home, tally = self._copy(command), self.tallies[command.name]
        if chance.random() < 0.6:
            process = run(home, command, step=chance.randrange(1, MOST_STEPS), path=self.path)
        else:
            process = run(home, command)
            try:
                process.wait(chance.uniform(0.3, 1.0) * seconds)
            except subprocess.TimeoutExpired:
                _kill(process, whole=chance.random() < 0.5)
        process.communicate()
        tally.tried += 1
        tally.killed += process.returncode == -signal.SIGKILL
        again = run(home, command)
        said = again.communicate()[1]
        faults = [*self._faults(home, expected, tally)]
        if "Traceback" in said:
            tally.traceback += 1
            faults.append("traceback")
        if again.returncode not in command.codes:
            faults.append(said)
        tally.survived += not faults
        if faults:
            tally.seeds.append(seed)
        return not faults

    def _faults(self, home: Home, expected: Truth, tally: Tally) -> Iterator[str]:
        try:
            settle(home)
            found = truth(home)
            for check in (integrity.check_state_whole, integrity.check_index_whole):
                check(home)
            damaged = Journal(home.journal).damaged(whole=True)
        except FengpingError as error:
            tally.damaged += 1
            yield str(error)
            return
        if damaged:
            tally.damaged += 1
            yield "damaged"
        if expected.keys() - found.keys():
            tally.lost += 1
            yield "lost"
        if found.keys() - expected.keys() or any(len(said) > 4 for said in found.values()):
            tally.doubled += 1
            yield "doubled"
        if any(found[id] != expected[id] for id in found.keys() & expected.keys()):
            tally.changed += 1
            yield "changed"


def _kill(process: subprocess.Popen[str], *, whole: bool) -> None:
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
