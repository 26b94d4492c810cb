"""One indexer a home: a lock that the kernel drops with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from fengping.errors import HomeBusy
from fengping.home import Home


@contextmanager
def index_lock(home: Home) -> Iterator[None]:
    """Holds the right to write this home's index; raises :class:`HomeBusy` naming who holds it."""
    path = home.var / "index.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise HomeBusy(
                f"Process {file.read().strip() or 'unknown'} already writes the index of this home.",
                remedy="Wait until it has ended and run again; nothing is lost.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
