"""Trials: a command on a copy of a home, killed, run again to its end, and compared with an unbroken run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

from devtools.faults import hooks
from devtools.faults.homes import (
    Command,
    Tally,
    Truth,
    commands,
    faults_left,
    make_base,
    settle,
    start,
    traceback_in,
    truth,
)
from fengping.home import Home

MOST_STEPS = 60
"""Steps of :mod:`~devtools.faults.hooks` among which a kill is drawn; most commands take fewer."""


class Trials:
    """Trials over copies of one home in *folder*, whose source stands at the address *site*."""

    def __init__(self, folder: Path, site: str) -> None:
        self.folder = folder
        self.base = make_base(folder / "base", site)
        self.commands = tuple(commands(folder).values())
        self.path = folder / "hooks"
        self.path.mkdir()
        shutil.copy(hooks.__file__, self.path / "sitecustomize.py")
        self._copies = 0
        self.expected: dict[str, tuple[Truth, float]] = {}
        self.tallies = {command.name: Tally() for command in self.commands}

    def unbroken(self, command: Command) -> tuple[Truth, float]:
        """The things that a run without a kill leaves, and the seconds it takes."""
        if command.name not in self.expected:
            home = self._copy(command)
            begin = time.monotonic()
            process = start(home, command.arguments)
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
            process = start(home, command.arguments, self._hooked(chance.randrange(1, MOST_STEPS)))
        else:
            process = start(home, command.arguments)
            try:
                process.wait(chance.uniform(0.3, 1.0) * seconds)
            except subprocess.TimeoutExpired:
                _kill(process, whole=chance.random() < 0.5)
        before = process.communicate()[1]
        tally.hit += process.returncode == -signal.SIGKILL
        again = start(home, command.arguments)
        said = again.communicate()[1]
        faults = faults_left(home, command, expected)
        if faults and again.returncode == 0 and not said:
            faults.add("silent")
        if traceback_in(home, before, said):
            faults.add("traceback")
        if again.returncode not in command.codes:
            faults.add(said)
        tally.note(seed, faults)
        return not faults

    def _hooked(self, step: int) -> dict[str, str]:
        paths = [str(self.path), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {hooks.STEP: str(step), "PYTHONPATH": os.pathsep.join(paths)}


def _kill(process: subprocess.Popen[str], *, whole: bool) -> None:
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
