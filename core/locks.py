"""Work that only one process a home may do: locks that the kernel drops with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fengping.errors import HomeBusy

WAIT = "Wait until it has ended and run again; nothing is lost."


@contextmanager
def sole_process(path: Path, what: str, remedy: str = WAIT) -> Iterator[None]:
    """Holds the lock file *path* for what this process does (``writes the index of this home``).

    Raises :class:`HomeBusy` with *what* and the number of the process that holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise HomeBusy(f"Process {holder} already {what}.", remedy=remedy) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Holds the lock file *path*, and waits while another process or thread does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
