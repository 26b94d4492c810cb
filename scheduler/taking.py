"""Rounds in which a machine takes what others of its deployment handed on, erases what they forgot, and tells
its own troubles."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date

import structlog

from fengping.clock import day_of, now
from fengping.errors import FengpingError
from fengping.home import Home
from fengping.reports.archive import Editions
from fengping.scheduler import machines, retention
from fengping.scheduler.running import environment
from fengping.scheduler.systemd import on_signals, sd_notify
from fengping.services import sharing
from fengping.services.erase import elsewhere
from fengping.state.lease import present

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between two rounds."""
_BEAT = 20.0


class Taking:
    """The rounds of one process; what keeps files from being taken is told once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._due = 0.0
        self._told = ""
        self._cleaned: date | None = None
        self._erasing: subprocess.Popen[bytes] | None = None

    def keep_up(self, clock: float) -> None:
        """Takes what changed where a round is due."""
        if clock >= self._due:
            self._due = clock + EVERY
            self.round()

    def round(self) -> None:
        """Takes what changed; a database that is away ends nothing."""
        with suppress(FengpingError, OSError):  # it is told below
            machines.note(self._home, now())
        try:
            said = " ".join(map(sharing.BOTH_CHANGED.format, sharing.take(self._home).kept))
            self._erase()
            self._clean()
            Editions(self._home).prune()
        except (FengpingError, OSError) as error:
            said = str(error)
        if said and said != self._told:
            log.warning("files of the deployment were not taken", reason=said)
        self._told = said

    def _clean(self) -> None:
        """Once a day, lets go of this machine's own files that retention allows no longer."""
        if self._cleaned != (today := day_of(now())) and sharing.is_shared(self._home):
            retention.retain(Home.open(self._home.root), now(), dry=False, kinds=retention.LOCAL)
            self._cleaned = today

    def _erase(self) -> None:
        """Begins to take what others forgot out of the files of this machine, where anything waits."""
        if self._erasing is not None:
            if self._erasing.poll() is None:
                return
            if self._erasing.returncode:
                log.warning(
                    "what was forgotten elsewhere is not erased here yet; it is tried again",
                    remedy="fengping forget --again",
                )
            self._erasing = None
        if elsewhere.waiting(self._home):
            command = [sys.executable, "-m", "fengping", "--home", str(self._home.root), "forget", "--again"]
            self._erasing = subprocess.Popen(
                command, env=environment(self._home),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip


@contextmanager
def beside_console(home: Home) -> Iterator[None]:
    """Within, a console without a schedule is a machine at work: others see it, it takes what they hand on,
    and systemd that it is up and lives."""
    over, taking = threading.Event(), Taking(home)

    def work() -> None:
        while not over.is_set():
            sd_notify("WATCHDOG=1")
            taking.keep_up(time.monotonic())
            over.wait(_BEAT)

    thread = threading.Thread(target=work, name="taking", daemon=True)
    # SIGTERM leaves the block: before the server hears it, and once that has ended by it.
    with on_signals(sys.exit, signal.SIGTERM), present(home, "serve"):
        sd_notify("READY=1")
        try:
            thread.start()  # within: a signal may come as soon as it has sent its first beat
            yield
        finally:
            sd_notify("STOPPING=1")
            over.set()
            if thread.ident is not None:
                thread.join()
