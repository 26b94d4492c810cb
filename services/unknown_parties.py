"""The nearest names for a question that finds nothing because no text names the party it asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from fengping.indexer import Filter, Store
from fengping.indexer.search import Keyword
from fengping.indexer.search.people import PARTIES, listable
from fengping.indexer.search.query.tree import keywords_of

_NAMES = 50_000
"""Names looked through, those of most documents first."""
_SAID = {"parties": "No text names {!r}.", "accused": "No text charges {!r}."}


def unknown_parties(store: Store, where: Filter) -> tuple[str, ...]:
    """A sentence for each party of *where* that no document has, with the nearest name that some have."""
    return tuple(
        f"{_SAID[asked.field].format(asked.value)}{_nearest(store, asked)}"
        for asked in dict.fromkeys(_asked(where))
        if not store.count(Filter(where={asked.field: (asked.value,)}))
    )


def _asked(where: Filter) -> Iterator[Keyword]:
    yield from (one for one in keywords_of(where.text) if one.field in PARTIES)
    yield from (Keyword(field, value) for field in PARTIES for value in where.where.get(field, ()))


def _nearest(store: Store, asked: Keyword) -> str:
    everything = Filter()
    may_list = listable(store, everything, asked.field)
    names = [name for name, _ in store.terms(everything, asked.field, limit=_NAMES) if may_list(name)]
    near = difflib.get_close_matches(asked.value, names, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""
