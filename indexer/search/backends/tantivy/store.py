"""The embedded store: a tantivy index in a folder, one writing process at a time, any number of readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray
from tantivy import DocAddress, IndexWriter, Occur, Order, Query, Searcher

from fengping.indexer.search.backends.tantivy.aggregations import Counter
from fengping.indexer.search.backends.tantivy.folder import Folder
from fengping.indexer.search.backends.tantivy.query import Clause, Compiler, both, either
from fengping.indexer.search.backends.tantivy.schema import schema, to_tantivy
from fengping.indexer.search.fields import (
    HOURS,
    MAX_NEAR,
    check_columns,
    check_field,
    check_near,
    check_page,
    found,
    latest,
    to_buckets,
    updated,
    with_events,
)
from fengping.indexer.search.protocol import (
    SCHEMA_VERSION,
    Bucket,
    Changes,
    Filter,
    Hits,
    Interval,
    PutResult,
    Sort,
)
from fengping.indexer.search.query.matching import TEXT_FIELDS
from fengping.indexer.search.query.tree import Near, Term
from fengping.indexer.search.text.folding import fold
from fengping.models import Document

KEPT = 4
"""Answers to NEAR that are kept of a snapshot: rows, facets and course of a page ask the same one."""
SCAN_FIRST = 500
"""Documents that the first search of a scan finds: who draws a few of them reads no more."""
SCAN_PAGE = 5_000
"""Records of a scan that are read at once."""
SCAN_MOST = 80_000
"""Documents that one search of a scan finds at most."""
EXPUNGE_PAGE = 20_000


class _Hit(NamedTuple):
    key: float
    address: DocAddress


class TantivyStore:
    """See :class:`~fengping.indexer.search.protocol.Store`.

    The first put, or a claim, takes the writer's lock and :meth:`close` gives it back: a process that only
    now and then writes opens a store for it and closes it.
    """

    cluster = ""

    def __init__(self, path: Path, folder: Folder | None = None, *, owner: str = "") -> None:
        self.url = f"tantivy:{path}"
        self._folder = folder or Folder(path, owner=owner)
        self._schema = schema()

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        given = latest(documents)
        if not given:
            return PutResult(0, 0)
        with self._folder.writing() as writer:
            if keep_events:
                given = with_events(given, self.get(list(given if known is None else known)))
            return self._written(writer, given, known)

    def _written(
        self, writer: IndexWriter, given: Mapping[str, Document], known: Collection[str] | None
    ) -> PutResult:
        # One look-up for the whole batch; known-new documents cost no deletion.
        ids = self._compiler(None, {}).any_of("id", list(given if known is None else known))
        replaced = _count(self._folder.searcher(), ids) if known is None else len(known)
        texts = self._folder.texts()
        if replaced:
            writer.delete_documents_by_query(ids)
            texts.mark_replaced()
        folded = [[fold(getattr(one.raw, name)) for name in TEXT_FIELDS] for one in given.values()]
        places = texts.append(folded)
        for document, parts, place in zip(given.values(), folded, places, strict=True):
            entry = to_tantivy(document, parts, place)
            with self._folder.translated():
                writer.add_document(entry)
        return PutResult(created=len(given) - replaced, updated=replaced)

    def update(self, changes: Changes) -> int:
        if not changes or not updated(self.get(list(changes)), changes):
            return 0  # without waiting for whoever writes
        # Read again behind the lock: whoever held it until now may have written the same documents.
        with self._folder.writing() as writer:
            changed = {one.id: one for one in updated(self.get(list(changes)), changes)}
            if changed:
                self._written(writer, changed, list(changed))
        return len(changed)

    def get(self, ids: Sequence[str]) -> list[Document]:
        if not ids:
            return []
        searcher, compiler = self._asking()
        query = compiler.any_of("id", list(ids))
        hits = searcher.search(query, limit=len(ids), count=False).hits
        stored = {document.id: document for document in (_read(searcher, at) for _, at in hits)}
        return [stored[id] for id in ids if id in stored]

    def search(
        self,
        where: Filter,
        *,
        limit: int = 20,
        offset: int = 0,
        sort: Sort = Sort.NEWEST,
        highlight: bool = False,
        most: int | None = None,
    ) -> Hits:
        check_page(limit, offset)
        searcher, compiler = self._asking()
        query = compiler.filter(where)
        by_score = sort is Sort.RELEVANCE and where.text is not None
        field = None if by_score else "oldest" if sort is Sort.OLDEST else "newest"
        if not limit:
            return found(_count(searcher, query), [], where, highlight=highlight)
        total, hits = _ordered(searcher, query, field, offset + limit, count=True)
        documents = [_read(searcher, hit.address) for hit in hits[offset : offset + limit]]
        return found(total, documents, where, highlight=highlight)

    def count(self, where: Filter) -> int:
        searcher, compiler = self._asking()
        if where == Filter():  # known without looking at each
            return searcher.num_docs
        return _count(searcher, compiler.filter(where))

    def histogram(self, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
        if split is not None:
            check_field(split)
        searcher, compiler = self._asking()
        counter = Counter(searcher, compiler, compiler.filter(where))
        return to_buckets(counter.by_time(HOURS[by], split), by)

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        return self.facets(where, [field], limit=limit)[field]

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        for field in fields:
            check_field(field)
        searcher, compiler = self._asking()
        return Counter(searcher, compiler, compiler.filter(where)).by_values(fields, limit)

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        check_field(rows)
        check_field(columns)
        if not values:
            return {}
        searcher, compiler = self._asking()
        asked = [(Occur.Must, compiler.filter(where)), (Occur.Must, compiler.any_of(rows, list(values)))]
        return Counter(searcher, compiler, both(asked)).crossed(rows, columns, values)

    def scan(self, where: Filter) -> Iterator[Document]:
        return map(Document.from_record, self._records(where))

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        rows = check_columns(names)
        return (tuple([row.of_record(record) for row in rows]) for record in self._records(where))

    def _records(self, where: Filter) -> Iterator[dict[str, Any]]:
        """Every match's record in id order, as of now."""
        searcher, compiler = self._asking()
        query = compiler.filter(where)
        low, size = 0, SCAN_FIRST
        while True:
            rest = both([(Occur.Must, query), (Occur.Must, compiler.between("key", low, None))])
            _, hits = _ordered(searcher, rest, "key", size)
            for start in range(0, len(hits), SCAN_PAGE):
                part = [hit.address for hit in hits[start : start + SCAN_PAGE]]
                yield from map(orjson.loads, _stored(searcher, part))
            if len(hits) < size:
                return
            low = int(hits[-1].key) + 1
            # Each search looks at all matches that are left: whoever reads on is found more at once.
            size = min(4 * size, SCAN_MOST)

    def delete(self, ids: Iterable[str]) -> int:
        doomed = list(dict.fromkeys(ids))
        searcher, compiler = self._asking()
        query = compiler.any_of("id", doomed)
        removed = _count(searcher, query)
        if removed:
            with self._folder.writing() as writer:
                writer.delete_documents_by_query(query)
                self._folder.texts().mark_replaced()
        return removed

    def expunge(self) -> bool:
        # tantivy keeps deleted documents until it happens to merge their segment, and cannot be asked to.
        self._folder.drop_unfinished()
        if self._folder.holds_deleted():
            fresh = self.begin_rebuild()
            documents = self.scan(Filter())
            while part := list(islice(documents, EXPUNGE_PAGE)):
                fresh.put(part)
            self.finish_rebuild(fresh)
        return True

    def fence(self, token: int) -> None:
        """Nothing: no other machine writes here."""

    def claim(self) -> None:
        self._folder.claim()

    def begin_rebuild(self) -> TantivyStore:
        return TantivyStore(self._folder.path, self._folder.begin_rebuild())

    def finish_rebuild(self, fresh: TantivyStore) -> None:
        self._folder.finish_rebuild(fresh._folder)

    def facts(self) -> dict[str, Any]:
        return {
            "backend": "tantivy",
            "version": version("tantivy"),
            "schema": SCHEMA_VERSION,
            "documents": self._folder.searcher().num_docs,
            "bytes": self._folder.size(),
        }

    def close(self) -> None:
        self._folder.close()

    def _asking(self) -> tuple[Searcher, Compiler]:
        """A snapshot, and what makes queries for it."""
        kept = self._folder.kept()  # before the snapshot: nothing is kept with a later one than it is of
        searcher = self._folder.searcher()
        return searcher, self._compiler(searcher, kept)

    def _compiler(self, searcher: Searcher | None, kept: dict[str, Query]) -> Compiler:
        # The compiler is handed in: one that closed over itself would keep its snapshot, and the segments of
        # that in memory, until the collector comes, which it rarely does while documents stream through.
        def resolve(compiler: Compiler, expression: Near, conditions: Sequence[Clause]) -> Query:
            assert searcher is not None
            key = f"{expression!r} {conditions!r}"
            if (known := kept.get(key)) is not None:
                return known
            places = _holding(searcher, compiler, expression, conditions)
            found = compiler.at_places(self._folder.texts().near(expression, places).tolist())
            if len(kept) >= KEPT:
                kept.clear()
            kept[key] = found
            return found

        return Compiler(self._schema, resolve)


def _read(searcher: Searcher, address: DocAddress) -> Document:
    return Document.from_record(_record(searcher, address))


def _record(searcher: Searcher, address: DocAddress) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(_bytes(searcher, address))
    return record


def _bytes(searcher: Searcher, address: DocAddress) -> bytes:
    return searcher.doc(address).get_first("record") or b""


def _stored(searcher: Searcher, addresses: Sequence[DocAddress]) -> list[bytes]:
    """Records in the order asked, read in the order they lie: a block of some dozens is unpacked once."""
    places = sorted(range(len(addresses)), key=lambda n: (addresses[n].segment_ord, addresses[n].doc))
    found = {place: _bytes(searcher, addresses[place]) for place in places}
    return [found[place] for place in range(len(addresses))]


def _count(searcher: Searcher, query: Query) -> int:
    return int(searcher.search(query, limit=1, count=True).count)  # type: ignore[attr-defined]


def _ordered(
    searcher: Searcher, query: Query, field: str | None, want: int, *, count: bool = False
) -> tuple[int, list[_Hit]]:
    """The number of all hits, where asked for, and the first *want* of them and all that tie with the last.

    They are ordered by *field* (or score), then id.
    """
    limit = want + 1
    while True:
        result = _top(searcher, query, field, limit, count=count)
        hits = [_Hit(*pair) for pair in result.hits]
        if len(hits) < limit or hits[-1].key != hits[want - 1].key:
            break
        limit *= 2
    ordered: list[_Hit] = []
    for _, tied in groupby(hits, key=lambda hit: hit.key):
        ordered.extend(_by_id(searcher, list(tied)))
        if len(ordered) >= want:
            break
    return result.count if count else 0, ordered


def _top(searcher: Searcher, query: Query, field: str | None, limit: int, *, count: bool) -> Any:
    if field is None:
        return searcher.search(query, limit=limit, count=count)
    return searcher.search(query, limit=limit, count=count, order_by_field=field, order=Order.Asc)


def _by_id(searcher: Searcher, tied: list[_Hit]) -> list[_Hit]:
    if len(tied) == 1:
        return tied
    return sorted(tied, key=lambda hit: str(_record(searcher, hit.address)["id"]))


def _holding(
    searcher: Searcher, compiler: Compiler, expression: Near, conditions: Sequence[Clause]
) -> NDArray[np.int64]:
    """Places of the texts of all documents that hold all terms in one field, near or not."""
    fields = TEXT_FIELDS if expression.terms[0].field is None else (expression.terms[0].field,)
    held = [
        both([(Occur.Must, compiler.term(Term(term.text, field))) for term in expression.terms])
        for field in fields
    ]
    query = both([*conditions, (Occur.Must, either(held))])
    hits = _top(searcher, query, "place", MAX_NEAR + 1, count=False).hits
    check_near(len(hits), MAX_NEAR)
    return np.array([place for place, _ in hits], np.int64)
