"""Private people: no series, table or suggestion names a person that no registry knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fengping.indexer.search.protocol import Filter, Store
from fengping.models import Channel

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


def unlisted(store: Store, where: Filter, names: Iterable[str]) -> set[str]:
    """Those of *names* that are private people, whom no medium names in the documents of *where*."""
    people = {name for name, _ in store.terms(where, "people", limit=_MOST)}

    def named_by_medium(name: str) -> bool:
        asked = {**where.where, "people": (name,), "channel": (Channel.NEWS.value,)}
        return store.count(replace(where, where=asked)) > 0

    return {name for name in people.intersection(names) if not named_by_medium(name)}
