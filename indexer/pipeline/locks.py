"""One indexer and one import a home, on however many machines it works."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fengping.home import Home
from fengping.state import Tenure, sole


def index_lock(home: Home, *, patience: float = 0.0) -> AbstractContextManager[Tenure]:
    """Holds the right to write this home's index, or raises :class:`~fengping.errors.HomeBusy`.

    *patience*: seconds to wait for the end of another machine's lease.
    """
    return sole(home, "index", "writes the index of this home", patience=patience)


def import_lock(home: Home) -> AbstractContextManager[Tenure]:
    """Holds the right to import into this home, or raises :class:`~fengping.errors.HomeBusy`."""
    return sole(home, "import", "imports into this home")
