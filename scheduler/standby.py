"""A machine that stands by: its repost groups follow the leader's, so that a takeover begins at once."""

from __future__ import annotations

import subprocess
import sys

from fengping.home import Home
from fengping.scheduler.running import environment

EVERY = 60.0
"""Seconds between the end of one round and the next."""


class Standby:
    """Rounds of ``fengping index --standby`` while another machine leads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._round: subprocess.Popen[bytes] | None = None
        self._due = 0.0

    def keep_up(self, clock: float) -> None:
        """Begins a round where one is due; nothing where the journal is this machine's alone."""
        if self._home.config.journal.startswith("file:"):
            return
        if self._round is not None:
            if self._round.poll() is None:
                return
            self._round, self._due = None, clock + EVERY
        if clock >= self._due:
            command = [sys.executable, "-m", "fengping", "--home", str(self._home.root), "index", "--standby"]
            self._round = subprocess.Popen(
                command, env=environment(self._home),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def end(self) -> None:
        """Ends a round: its files belong to whoever indexes now. What it had taken in stays."""
        if self._round is not None:
            self._round.kill()
            self._round.wait()
            self._round = None
