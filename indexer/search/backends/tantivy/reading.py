"""Matches in order, and what they hold: whole records, or values of some fields out of columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
from tantivy import DocAddress, Order, Query, Searcher

from fengping.fields import Field
from fengping.indexer.search.backends.tantivy.folder import Snapshot
from fengping.indexer.search.backends.tantivy.frames import KEPT, Array
from fengping.indexer.search.fields import MAX_COUNT
from fengping.indexer.search.protocol import NUMBER_FIELDS

Hit = tuple[float, DocAddress]
"""Sort key and document."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = {"published_at": "published", "indexed_at": "indexed"}
_IN_COLUMNS = {"id", *KEPT, *NUMBER_FIELDS, *_TIMES}


def records(snapshot: Snapshot, addresses: Sequence[DocAddress]) -> list[dict[str, Any]]:
    """Records in the order asked, as they are now; read in the order they lie: a block of some dozens is
    unpacked once."""
    order = sorted(range(len(addresses)), key=lambda n: (addresses[n].segment_ord, addresses[n].doc))
    found = {at: record_of(snapshot.searcher, addresses[at]) for at in order}
    read = [found[at] for at in range(len(addresses))]
    snapshot.view.patch(read, _places(snapshot, addresses))
    return read


def record_of(searcher: Searcher, address: DocAddress) -> dict[str, Any]:
    """The record of a document as it was put."""
    record: dict[str, Any] = orjson.loads(searcher.doc(address).get_first("record") or b"")
    return record


def rows_of(
    snapshot: Snapshot, addresses: Sequence[DocAddress], fields: Sequence[Field]
) -> list[tuple[Any, ...]]:
    """Values of *fields* of documents; out of columns, where all of them are there."""
    if _IN_COLUMNS.issuperset(field.name for field in fields):
        rows = snapshot.view.rows_at(_places(snapshot, addresses))
        columns = [_column(snapshot, addresses, rows, field) for field in fields]
        beyond = any(MAX_COUNT in one for one, field in zip(columns, fields, strict=True) if field.is_number)
        if not beyond and (rows >= 0).all():
            return list(zip(*columns, strict=True)) if columns else [()] * len(addresses)
    return [tuple([field.of_record(record) for field in fields]) for record in records(snapshot, addresses)]


def _column(snapshot: Snapshot, addresses: Sequence[DocAddress], rows: Array, field: Field) -> list[Any]:
    view, searcher, name = snapshot.view, snapshot.searcher, field.name
    if name == "id":
        return view.ids(rows)
    if name in KEPT:
        return view.values(name, view.codes(name, rows), rows, field.decode)
    if name in _TIMES:
        since = np.array(searcher.fast_field_values(_TIMES[name], list(addresses)), "timedelta64[s]")
        return [None if one is None else _EPOCH + one for one in since.tolist()]  # the quickest way
    return searcher.fast_field_values(name, list(addresses))


def _places(snapshot: Snapshot, addresses: Sequence[DocAddress]) -> Array:
    return np.array(snapshot.searcher.fast_field_values("place", list(addresses)), np.uint64)


def ordered(
    searcher: Searcher, query: Query, field: str | None, want: int, *, count: bool = False
) -> tuple[int, list[Hit]]:
    """The number of all hits, where asked for, and the first *want* of them and all that tie with the last.

    They are ordered by *field* (or score), then id.
    """
    limit = want + 1
    while True:
        result = top(searcher, query, field, limit, count=count)
        hits: list[Hit] = result.hits
        if len(hits) < limit or hits[-1][0] != hits[want - 1][0]:
            break
        limit *= 2
    keys = [key for key, _ in hits]
    if len(hits) == limit:  # what is not seen may tie with the last
        del hits[keys.index(keys[-1], want) :]
    begins = [n for n in range(len(hits)) if not n or keys[n] != keys[n - 1]]
    if len(begins) < len(hits):
        for start, stop in pairwise([*begins, len(hits)]):
            if stop - start > 1:
                tied = hits[start:stop]
                hits[start:stop] = sorted(tied, key=lambda hit: str(record_of(searcher, hit[1])["id"]))
    return result.count if count else 0, hits


def top(searcher: Searcher, query: Query, field: str | None, limit: int, *, count: bool) -> Any:
    """The first *limit* hits by *field*, or by score."""
    if field is None:
        return searcher.search(query, limit=limit, count=count)
    return searcher.search(query, limit=limit, count=count, order_by_field=field, order=Order.Asc)
