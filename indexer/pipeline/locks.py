"""One indexer and one import a home."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fengping.home import Home
from fengping.locks import sole_process


def index_lock(home: Home) -> AbstractContextManager[None]:
    """Holds the right to write this home's index, or raises :class:`~fengping.errors.HomeBusy`."""
    return sole_process(home.var / "index.lock", "writes the index of this home")


def import_lock(home: Home) -> AbstractContextManager[None]:
    """Holds the right to import into this home, or raises :class:`~fengping.errors.HomeBusy`."""
    return sole_process(home.var / "import.lock", "imports into this home")
