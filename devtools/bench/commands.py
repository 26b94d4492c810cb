"""Commands of the product run in a home as a user would give them, and watched while they run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from fengping.errors import Failed
from fengping.home import Home


def command_of(home: Home, *arguments: str, python: str | Path = sys.executable) -> list[str]:
    """The words of a command of the product in *home*, for a process of its own."""
    return [str(python), "-m", "fengping", "--home", str(home.root), *arguments]


def watched(home: Home, *arguments: str, every: float, look: Callable[[psutil.Process], None]) -> bytes:
    """The JSON that a command says; *look* is called with its process, each *every* seconds while it runs.

    Raises :class:`Failed` with what it complained of.
    """
    command = command_of(home, *arguments, "--json")
    with (home.root / "said").open("w+b") as said, (home.root / "stderr").open("w+b") as complaints:
        running = subprocess.Popen(command, stdout=said, stderr=complaints)
        process = psutil.Process(running.pid)
        while running.poll() is None:
            look(process)
            try:
                running.wait(every)
            except subprocess.TimeoutExpired:
                continue
        said.seek(0)
        complaints.seek(0)
        if running.returncode:
            raise Failed(complaints.read().decode().strip().removeprefix("fengping: "))
        return said.read()


@dataclass(frozen=True, slots=True)
class Spent:
    """Spent by one process from its start to its end."""

    seconds: float
    processor: float
    """Seconds of processor time."""
    peak: int
    """KiB of memory at peak, mapped files within."""
    own: int
    """KiB of memory at peak but for mapped files, as seen a hundred times a second."""


def spent(home: Home, *arguments: str, python: str | Path = sys.executable) -> Spent:
    """Runs a command to its end; raises :class:`Failed` with what it complained of."""
    begin, own = time.perf_counter(), 0
    with tempfile.TemporaryFile() as complaints:
        command = command_of(home, *arguments, python=python)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints)
        running = psutil.Process(process.pid)
        while True:
            with suppress(psutil.Error):
                memory = running.memory_info()
                own = max(own, memory.rss - memory.shared)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        said = complaints.read().decode().strip()
    if process.returncode:
        raise Failed(said.removeprefix("fengping: "))
    seconds = time.perf_counter() - begin
    return Spent(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss, own // 1024)
