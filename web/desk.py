"""The desk: what every request shares — the home, its store kept open, the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from fengping.config import ServeConfig
from fengping.errors import ConfigError, Damaged, SchemaTooNew, StoreDown, StoreError
from fengping.home import Home
from fengping.indexer import Store, open_store
from fengping.services.sharing import is_shared
from fengping.state import State
from fengping.web.board import Board
from fengping.web.working import Works

Clock = Callable[[], datetime]

ENGINES = ("store", "state", "journal", "kafka")
"""Keys of ``fengping.toml`` that hold for as long as a process runs."""
AT_START = (
    *ENGINES, "serve.public_url", "serve.proxies", "serve.reads_per_minute", "serve.reads_per_minute_here",
)  # fmt: skip
"""Keys, or tables of keys, of which a change waits for the next start."""


class Desk:
    """One home while it is served. The store is opened once, and anew after it was down."""

    def __init__(self, home: Home, clock: Clock, *, accounts: bool) -> None:
        self.home = home
        self.now = clock
        self.accounts = accounts
        """True if nobody is let in without an account: it listens beyond this machine."""
        self.works = Works(Board(home) if is_shared(home) else None)
        self.waits: tuple[str, ...] = ()
        """Keys of ``fengping.toml`` that were changed and hold from the next start on."""
        self._begun = home.config.serve
        self._seen: tuple[object, ...] | None = _stamp(home)
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
        """Takes the configuration up after the console wrote into it, as after any other change."""
        self._seen = None
        self.refresh()

    def refresh(self) -> None:
        """Takes up a ``fengping.toml`` that was changed; what cannot be used changes nothing, and is told of
        among the troubles. With another engine nothing of it holds before the next start."""
        if (seen := _stamp(self.home)) == self._seen:
            return
        self._seen = seen
        try:
            home = Home.open(self.home.root)
        except ConfigError:
            return
        engines = [key for key in ENGINES if getattr(home.config, key) != getattr(self.home.config, key)]
        if not engines:
            self.home = home
        self.waits = (*engines, *_changed(self._begun, home.config.serve))

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
    """The desk of the application that answers *request*, by the configuration as it is now."""
    desk = cast(Desk, request.app.state.desk)
    desk.refresh()
    return desk


def _stamp(home: Home) -> tuple[object, ...]:
    with suppress(OSError):
        about = home.config_file.stat()
        return home.config_file, about.st_mtime_ns, about.st_size
    return ()


def _changed(begun: ServeConfig, now: ServeConfig) -> Iterator[str]:
    """Keys of ``[serve]`` by which the server was set up."""
    for key in ("proxies", "reads_per_minute", "reads_per_minute_here"):
        if getattr(begun, key) != getattr(now, key):
            yield f"serve.{key}"
    name = urlsplit(now.public_url).hostname
    if name and name != urlsplit(begun.public_url).hostname:
        # Links lead there already; whoever follows one is let in under that name from the next start on.
        yield "serve.public_url"


AtDesk = Annotated[Desk, Depends(desk_of)]
