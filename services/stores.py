"""The store a service asks: one that its caller keeps open, or the home's own for as long as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from fengping.home import Home
from fengping.indexer import Store, open_store


@contextmanager
def the_store(home: Home, store: Store | None = None) -> Iterator[Store]:
    """*store* where there is one, which stays open; else the store of *home*, closed at the end."""
    if store is not None:
        yield store
        return
    with closing(open_store(home)) as opened:
        yield opened


@contextmanager
def writing_store(home: Home, store: Store | None = None) -> Iterator[Store]:
    """As :func:`the_store` for who writes now and then; not *store* itself where that is the home's.

    A store keeps the lock of its writer until it is closed: one that a server keeps open would shut the
    indexer out.
    """
    with closing(open_store(home)) as opened:
        yield opened if store is None or store.url == opened.url else store
