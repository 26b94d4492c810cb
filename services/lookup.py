"""The names that a query may use, in a home with its store."""

from __future__ import annotations

from datetime import datetime

from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.search import Lookup


def lookup(home: Home, now: datetime | None, store: Store) -> Lookup:
    """The names that a query about *home* may use; what only documents of *store* bear counts too."""

    def stored(field: str, value: str) -> bool:
        return store.count(Filter(where={field: (value,)})) > 0

    return Lookup(home, now, stored=stored)
