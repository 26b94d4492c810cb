"""One command of a job as a child process: ended at its limit with all that it started, its output kept."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import closing, suppress
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

from fengping.home import IN_FORCE, Home
from fengping.scheduler.jobs import Command, Job
from fengping.scheduler.ledger import Outcome

GENTLE = 15.0
"""Seconds between SIGTERM and SIGKILL."""
LOG_BYTES, LOG_FILES = 20_000_000, 5
"""Size from which on the log goes on in a new file, and older ones that stay (``schedule.log.1`` …)."""
TAIL = 2_000


class Children:
    """The children of one service. Each leads a process group of its own, which ends with it."""

    def __init__(self, program: Command = (sys.executable, "-m", "fengping")) -> None:
        self._program = program
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = threading.Event()

    def run(self, home: Home, job: Job, due: datetime, at: datetime) -> Outcome:
        """Runs *job* for its moment *due* to the end. The output is appended to ``var/log/schedule.log``."""
        if self._stopping.is_set():
            return Outcome("stopped", "The service was ended before this run began.")
        command = job.command(due)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(
                [*self._program, "--home", str(home.root), *command],
                stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
                env=environment(home),
            )  # fmt: skip
            self._running.add(child)
            try:
                hung = self._wait(child, job.limit.total_seconds())
            finally:
                self._running.discard(child)
                _signal(child, signal.SIGKILL)  # what a command left behind in its group
            said, complaints = _text(out), _text(err)
        _append(home.var / "log" / "schedule.log", at, command, said + complaints)
        lines = complaints.strip().splitlines()
        return self._outcome(child.returncode, hung, job, said, lines[-1] if lines else "", said + complaints)

    def _outcome(self, code: int, hung: bool, job: Job, said: str, last: str, output: str) -> Outcome:
        counts, tail = _counts(said), output[-TAIL:]
        if self._stopping.is_set() and code:
            return Outcome("stopped", "Ended with the service.", counts, tail)
        if hung:
            minutes = job.limit.total_seconds() / 60
            return Outcome(
                "hung", f"It was ended at its limit of {minutes:g} minutes. {last}".strip(), counts, tail
            )
        return (
            Outcome("failed", f"exit {code}, {last}", counts, tail)
            if code
            else Outcome("ok", "", counts, tail)
        )

    def _wait(self, child: subprocess.Popen[bytes], limit: float) -> bool:
        """True if the child had to be ended at its limit."""
        try:
            child.wait(limit)
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                child.wait(GENTLE)
            _signal(child, signal.SIGKILL)
            child.wait()
            return True
        return False

    def stop(self) -> None:
        """Asks running commands to end: they hold cursors and journals, and end cleanly on SIGTERM."""
        self._stopping.set()
        for child in list(self._running):
            _signal(child, signal.SIGTERM)


def environment(home: Home) -> dict[str, str] | None:
    """The environment of a command that works by the same files as *home*; ``None`` for this process's."""
    return os.environ | {IN_FORCE: str(home.in_force)} if home.in_force else None


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _text(file: IO[bytes]) -> str:
    """The end of an output; a command that talks without end fills a disk, not the memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1_000_000))
    return file.read().decode("utf-8", "replace")


_APPENDING = threading.Lock()
"""Several lanes write the log."""


def _append(path: Path, at: datetime, command: Command, output: str) -> None:
    # Nothing depends on the log: a full disk must not fail the job whose output it is.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        said = f"{at:%Y-%m-%dT%H:%M:%SZ} {' '.join(command)}\n{output}"
        with _APPENDING, closing(RotatingFileHandler(path, "a", LOG_BYTES, LOG_FILES, "utf-8")) as log:
            if log.shouldRollover(logging.makeLogRecord({"msg": said})):
                log.doRollover()
            if log.stream is not None:
                log.stream.write(said)


_TABLES = ("statuses", "figures", "counts")
"""Keys of a record under which further figures stand."""
_ENDS = ("outcome", "finding")
"""Keys whose values are counted: how each of several ended."""


def _counts(said: str) -> dict[str, Any]:
    """The figures of a command that prints one JSON object, or the sums of those of a list of objects."""
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    if isinstance(found, dict):
        return _figures(found)
    if not isinstance(found, list):
        return {}
    sums = Counter[str]({"records": len(found)})
    for record in (one for one in found if isinstance(one, dict)):
        sums.update(_figures(record))
        sums.update(str(record[end]) for end in _ENDS if end in record)
    return dict(sums)


def _figures(record: dict[str, Any]) -> dict[str, Any]:
    flat = dict(record)
    for table in _TABLES:
        flat |= record[table] if isinstance(record.get(table), dict) else {}
    numbers = (int, float)
    return {n: v for n, v in flat.items() if isinstance(v, numbers) and not isinstance(v, bool)}
