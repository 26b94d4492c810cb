"""Servers that trials kill and start again, each by a command of its own on loopback."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

START_SECONDS = 180
REDIS = (
    "redis-server --bind 127.0.0.1 --port {port} --dir {folder} --save '' "
    "--appendonly yes --appendfsync always"
)


class Server(Protocol):
    """A server under trial."""

    port: int

    def start(self) -> None:
        """Returns once it answers; nothing happens where it runs."""

    def kill(self) -> None:
        """Ends it as a loss of power would."""


class Standing:
    """A server that others keep, for faults that leave it alone."""

    def __init__(self, port: int) -> None:
        self.port = port

    def start(self) -> None:
        pass

    def kill(self) -> None:
        raise NotImplementedError("somebody else's server is not killed")


class Started:
    """A server that *command*, with ``{port}`` and ``{folder}`` in it, runs in the foreground."""

    def __init__(self, command: str, folder: Path, *, health: str = "") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._command = [part.format(port=self.port, folder=folder / "data") for part in shlex.split(command)]
        self._health = health
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        # A trial may start it anew while it is on its way already.
        with self._starting:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def _start(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        self._process = process
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_bytes()[-2_000:].decode("utf-8", "replace")
                raise RuntimeError(f"{self._command[0]} did not start: {said}")
            time.sleep(0.1)

    def kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def empty(self) -> None:
        """Removes what it had stored; it must not run."""
        shutil.rmtree(self.folder / "data")

    def _answers(self) -> bool:
        try:
            if self._health:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self._health}", timeout=10):
                    return True
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except (OSError, urllib.error.URLError):
            return False
        return True


@contextlib.contextmanager
def started(command: str, folder: Path, *, health: str = "") -> Iterator[Started]:
    """A server that runs until the block ends."""
    server = Started(command, folder, health=health)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def node(command: str, folder: Path) -> contextlib.AbstractContextManager[Started]:
    """An Elasticsearch node."""
    return started(command, folder, health="/_cluster/health?wait_for_status=yellow&timeout=5s")


def redis(folder: Path) -> contextlib.AbstractContextManager[Started]:
    """A Redis server that keeps what it acknowledged."""
    return started(REDIS, folder)
