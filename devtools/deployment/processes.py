"""A fleet's processes, forked from one that has the program imported, so that they are there at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_EVERY = 0.02


class Process(Protocol):
    """A process that is watched and killed; of :mod:`subprocess`, or one that was forked."""

    pid: int

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Forked:
    """One of a :class:`Nursery`'s; its parent reaps it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + (timeout or float("inf"))
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a role", timeout or 0)
            time.sleep(_EVERY)
        return 0

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class Nursery:
    """The process that forks: ``python -m devtools.deployment.roles``."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "devtools.deployment.roles"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, arguments: Sequence[str], log: Path) -> Forked:
        """A new process for *arguments*, whose output goes to the file *log*."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([str(log), *arguments]) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def close(self) -> None:
        """Ends it; those that are left notice and end too."""
        self._process.kill()
        self._process.wait()
        for end in (self._process.stdin, self._process.stdout):
            if end:
                end.close()


def fork_for_lines() -> list[str] | None:
    """Forks for each line of standard input; in a fork returns its arguments, at the end ``None``."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # they are reaped by the kernel
    for line in sys.stdin:
        log, *arguments = json.loads(line)
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(out, stream)
            return list(arguments)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    return None
