"""One indexer and one import a home: locks that the kernel drops with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from fengping.errors import HomeBusy
from fengping.home import Home


def index_lock(home: Home) -> AbstractContextManager[None]:
    """Holds the right to write this home's index; raises :class:`HomeBusy` naming who holds it."""
    return _locked(home.var / "index.lock", "writes the index of this home")


def import_lock(home: Home) -> AbstractContextManager[None]:
    """Holds the right to import into this home; raises :class:`HomeBusy` naming who holds it."""
    return _locked(home.var / "import.lock", "imports into this home")


@contextmanager
def _locked(path: Path, what: str) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise HomeBusy(
                f"Process {file.read().strip() or 'unknown'} already {what}.",
                remedy="Wait until it has ended and run again; nothing is lost.",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
