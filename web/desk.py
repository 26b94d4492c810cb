"""The desk: what every request shares — the home, its store kept open, the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request

from fengping.errors import Damaged, SchemaTooNew, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer import Store, open_store
from fengping.state import State
from fengping.web.working import Works

Clock = Callable[[], datetime]


class Desk:
    """One home while it is served. The store is opened once, and anew after it was down."""

    def __init__(self, home: Home, clock: Clock, *, accounts: bool) -> None:
        self.home = home
        self.now = clock
        self.accounts = accounts
        """True if nobody is let in without an account: it listens beyond this machine."""
        self.works = Works()
        self._store: Store | None = None
        self._lock = threading.Lock()

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The open store; one that refuses is closed, so that the next request opens it anew."""
        with self._lock:
            if self._store is None:
                self._store = open_store(self.home)
            opened = self._store
        try:
            yield opened
        except (StoreError, Damaged, SchemaTooNew):
            self._drop(opened)
            raise
        except OSError as error:
            self._drop(opened)
            raise StoreDown(f"The store cannot be read: {error.strerror}.") from error

    def _drop(self, opened: Store) -> None:
        with self._lock:
            if self._store is opened:
                self._store = None

    def reload(self) -> None:
        """Reads the configuration anew, after it was written."""
        self.home = Home.open(self.home.root)

    def state(self) -> State:
        """The home's state database."""
        return State.open(self.home)

    def close(self) -> None:
        """Closes the store."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None


def desk_of(request: Request) -> Desk:
    """The desk of the application that answers *request*."""
    return cast(Desk, request.app.state.desk)


AtDesk = Annotated[Desk, Depends(desk_of)]
