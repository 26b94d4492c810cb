"""Private people: no series, table or suggestion names a person that no registry knows."""

from __future__ import annotations

from collections.abc import Callable

from fengping.indexer.search.protocol import Filter, Store

PARTIES = ("parties", "accused")
"""Fields whose values are parties of any name."""
_NAMING = (*PARTIES, "roles", "people")
_MOST = 100_000


def listable(store: Store, where: Filter, field: str) -> Callable[[str], bool]:
    """Whether a value that *field* has in the documents of *where* may stand in a list.

    Private people are asked for by their names, and named with their documents only.
    """
    if field not in _NAMING:
        return lambda value: True
    people = {name for name, _ in store.terms(where, "people", limit=_MOST)}
    if field == "roles":
        return lambda value: value.partition(":")[2] not in people
    return lambda value: value not in people
