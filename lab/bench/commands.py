"""Commands of the product run in a home as a user would give them, and watched while they run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import psutil

from fengping.errors import Failed
from fengping.home import Home


def watched(home: Home, *arguments: str, every: float, look: Callable[[psutil.Process], None]) -> bytes:
    """The JSON that a command says; *look* is called with its process, each *every* seconds while it runs.

    Raises :class:`Failed` with what it complained of.
    """
    command = [sys.executable, "-m", "fengping", "--home", str(home.root), *arguments, "--json"]
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
