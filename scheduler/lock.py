"""One service a home: an exclusive lock that the kernel drops with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fengping.errors import HomeBusy


@contextmanager
def sole_owner(path: Path) -> Iterator[None]:
    """Holds the lock file *path*; raises :class:`HomeBusy` naming the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise HomeBusy(
                f"Process {file.read().strip()} already runs the schedule of this home.",
                remedy="Stop it first, or look at it with: fengping run --list",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
