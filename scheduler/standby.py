"""A machine that stands by: its repost groups follow the leader's, so that a takeover begins at once.

One that would judge by other files than the leader is told so while it stands by. It takes over only where no
other does, and then leads in all but indexing: alarms, letters and the word that it may not index go out.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from contextlib import suppress

import structlog

from fengping.clock import day_of, now
from fengping.errors import ConfigError, FengpingError
from fengping.home import Home
from fengping.scheduler import notices
from fengping.scheduler.in_force import InForce
from fengping.scheduler.running import environment
from fengping.services.indexing import check_judge

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between the end of one round and the next."""


class Standby:
    """Rounds of ``fengping index --standby`` while another machine leads."""

    def __init__(self, files: InForce) -> None:
        self._files = files
        self._round: subprocess.Popen[bytes] | None = None
        self._due, self._behind = 0.0, False
        self._looked = -EVERY
        self.unlike = ""
        """Sentence on what it judges by otherwise than the machine that indexed last; empty for nothing."""

    @property
    def _home(self) -> Home:
        """The home by the files that hold now."""
        return self._files.home

    def look(self, clock: float) -> None:
        """Looks whether this machine may index, where a round is due; each reason is told once a day."""
        if clock < self._looked + EVERY:
            return
        self._looked, before = clock, self.unlike
        try:
            check_judge(self._home)
            self.unlike = ""
        except ConfigError as error:
            self.unlike = str(error)
        except FengpingError:
            return  # the database is away: what was found holds
        if self.unlike not in ("", before):
            log.error("this machine may not index", reason=self.unlike)
            at, key = now(), f"judge {self._home.machine} {day_of(now())}"
            with suppress(FengpingError):
                notices.tell(self._home, key, f"On {platform.node()}: {self.unlike}", [], at)

    def keep_up(self, clock: float) -> None:
        """Begins a round where one is due; nothing where the journal is this machine's alone."""
        if self._home.config.journal.startswith("file:"):
            return
        if self._round is not None:
            if (ended := self._round.poll()) is None:
                return
            self._round, self._due = None, clock + EVERY
            if ended and not self._behind:
                log.warning(
                    "this machine does not keep up with the one that leads, and would take over late",
                    exit=ended,
                    remedy="fengping index --standby",
                )
            self._behind = bool(ended)
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
