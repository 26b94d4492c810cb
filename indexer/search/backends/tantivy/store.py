"""The embedded store: a tantivy index in a folder, one writing process at a time, any number of readers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tantivy import DocAddress, IndexWriter, Occur, Query, Searcher

from fengping.indexer.search.backends.tantivy.aggregations import Counter
from fengping.indexer.search.backends.tantivy.folder import Folder, Snapshot
from fengping.indexer.search.backends.tantivy.frames import CHANGING
from fengping.indexer.search.backends.tantivy.query import Clause, Compiler, both, either
from fengping.indexer.search.backends.tantivy.reading import ordered, records, rows_of, top
from fengping.indexer.search.backends.tantivy.schema import schema, to_tantivy
from fengping.indexer.search.fields import (
    HOURS,
    MAX_NEAR,
    check_changes,
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
SCAN_PAGE = 20_000
"""Documents of a scan that are read at once."""
SCAN_MOST = 80_000
"""Documents that one search of a scan finds at most."""
EXPUNGE_PAGE = 20_000
BESIDE = frozenset(CHANGING)


class TantivyStore:
    """See :class:`~fengping.indexer.search.protocol.Store`.

    The first put, or a claim, takes the writer's lock and :meth:`close` gives it back: a process that only
    now and then writes opens a store for it and closes it.
    """

    cluster = ""

    def __init__(self, path: Path, folder: Folder | None = None, *, owner: str = "") -> None:
        self.url = f"tantivy:{path}"
        self._folder = folder or Folder(path, owner=owner)

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
                asked = list(given if known is None else known)
                given = with_events(given, self._folder.columns().current(asked, "event"))
            return self._written(writer, given, known)

    def _written(
        self, writer: IndexWriter, given: Mapping[str, Document], known: Collection[str] | None
    ) -> PutResult:
        # One look-up for the whole batch; known-new documents cost no deletion.
        asked = list(given if known is None else known)
        ids = self._compiler(None).any_of("id", asked)
        replaced = _count(self._folder.snapshot().searcher, ids) if known is None else len(known)
        texts = self._folder.texts()
        if replaced:
            writer.delete_documents_by_query(ids)
            texts.mark_replaced()
        folded = [[fold(getattr(one.raw, name)) for name in TEXT_FIELDS] for one in given.values()]
        places = texts.append(folded)
        with self._folder.translated():
            self._folder.columns().append(
                list(zip(places, given.values(), strict=True)), asked if replaced else ()
            )
            for one in zip(given.values(), folded, places, strict=True):
                writer.add_document(to_tantivy(*one))
        return PutResult(created=len(given) - replaced, updated=replaced)

    def update(self, changes: Changes) -> int:
        check_changes(changes)
        if not changes or not (self._folder.writes or updated(self.get(list(changes)), changes)):
            return 0  # without waiting for whoever writes
        anew = {id: change for id, change in changes.items() if not BESIDE.issuperset(change)}
        beside = {id: changes[id] for id in changes.keys() - anew.keys()} if anew else changes
        changed = self._put_anew(anew)
        if beside:
            with self._folder.changing() as columns:
                changed += columns.change(beside)
        return changed

    def _put_anew(self, changes: Changes) -> int:
        """Changes of fields that no column has: documents are read and put."""
        if not changes:
            return 0
        with self._folder.writing() as writer:
            changed = {one.id: one for one in updated(self.get(list(changes)), changes)}
            if changed:
                self._written(writer, changed, list(changed))
        return len(changed)

    def get(self, ids: Sequence[str]) -> list[Document]:
        if self._folder.writes:  # its columns tell at a twentieth of the cost which are there
            with self._folder.changing() as columns:
                ids = columns.held(ids)
        if not ids:
            return []
        snapshot, compiler = self._asking()
        query = compiler.any_of("id", list(ids))
        hits = snapshot.searcher.search(query, limit=len(ids), count=False).hits
        read = _documents(snapshot, [at for _, at in hits])
        stored = {document.id: document for document in read}
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
        snapshot, compiler = self._asking()
        searcher, query = snapshot.searcher, compiler.filter(where)
        by_score = sort is Sort.RELEVANCE and where.text is not None
        field = None if by_score else "oldest" if sort is Sort.OLDEST else "newest"
        if not limit:
            return found(_count(searcher, query), [], where, highlight=highlight)
        total, hits = ordered(searcher, query, field, offset + limit, count=True)
        documents = _documents(snapshot, [at for _, at in hits[offset : offset + limit]])
        return found(total, documents, where, highlight=highlight)

    def count(self, where: Filter) -> int:
        snapshot, compiler = self._asking()
        if where == Filter():  # known without looking at each
            return snapshot.searcher.num_docs
        return _count(snapshot.searcher, compiler.filter(where))

    def histogram(self, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
        if split is not None:
            check_field(split)
        snapshot, compiler = self._asking()
        counter = Counter(snapshot, compiler, compiler.filter(where))
        return to_buckets(counter.by_time(HOURS[by], split), by)

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        return self.facets(where, [field], limit=limit)[field]

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        for field in fields:
            check_field(field)
        snapshot, compiler = self._asking()
        return Counter(snapshot, compiler, compiler.filter(where)).by_values(fields, limit)

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        check_field(rows)
        check_field(columns)
        if not values:
            return {}
        snapshot, compiler = self._asking()
        asked = [(Occur.Must, compiler.filter(where)), (Occur.Must, compiler.any_of(rows, list(values)))]
        return Counter(snapshot, compiler, both(asked)).crossed(rows, columns, values)

    def scan(self, where: Filter) -> Iterator[Document]:
        return (Document.from_record(record) for page in self._pages(where) for record in records(*page))

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        asked = check_columns(names)
        return (row for page in self._pages(where) for row in rows_of(*page, asked))

    def _pages(self, where: Filter) -> Iterator[tuple[Snapshot, list[DocAddress]]]:
        """Every match in id order, as of now, many at a time."""
        snapshot, compiler = self._asking()
        query = compiler.filter(where)
        rest, size = query, SCAN_FIRST
        while True:
            _, hits = ordered(snapshot.searcher, rest, "key", size)
            for start in range(0, len(hits), SCAN_PAGE):
                yield snapshot, [at for _, at in hits[start : start + SCAN_PAGE]]
            if len(hits) < size:
                return
            left = compiler.between("key", int(hits[-1][0]) + 1, None)
            rest = both([(Occur.Must, query), (Occur.Must, left)])
            size = SCAN_MOST  # each search looks at all matches that are left

    def delete(self, ids: Iterable[str]) -> int:
        doomed = list(dict.fromkeys(ids))
        snapshot, compiler = self._asking()
        query = compiler.any_of("id", doomed)
        removed = _count(snapshot.searcher, query)
        if removed:
            with self._folder.writing() as writer:
                writer.delete_documents_by_query(query)
                self._folder.texts().mark_replaced()
            with self._folder.changing() as columns:
                columns.forget(doomed)
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
        self._folder.refuse_older()
        return {
            "backend": "tantivy",
            "version": version("tantivy"),
            "schema": SCHEMA_VERSION,
            "documents": self._folder.snapshot().searcher.num_docs,
            "bytes": self._folder.size(),
        }

    def close(self) -> None:
        self._folder.close()

    @property
    def lost(self) -> frozenset[str]:
        return self._folder.columns().lost

    def restored(self, fields: Collection[str]) -> None:
        columns = self._folder.columns()
        columns.lose(columns.lost.difference(fields))

    def _asking(self) -> tuple[Snapshot, Compiler]:
        """A snapshot, and what makes queries for it."""
        snapshot = self._folder.snapshot()
        return snapshot, self._compiler(snapshot)

    def _compiler(self, snapshot: Snapshot | None) -> Compiler:
        # The compiler is handed in: one that closed over itself would keep its snapshot, and the segments of
        # that in memory, until the collector comes, which it rarely does while documents stream through.
        def resolve(compiler: Compiler, expression: Near, conditions: Sequence[Clause]) -> Query:
            assert snapshot is not None
            key = f"{expression!r} {conditions!r}"
            if (known := snapshot.kept.get(key)) is not None:
                return known
            places = _holding(snapshot.searcher, compiler, expression, conditions)
            found = compiler.at_places(self._folder.texts().near(expression, places).tolist())
            if len(snapshot.kept) >= KEPT:
                snapshot.kept.clear()
            snapshot.kept[key] = found
            return found

        fields, view = (snapshot.schema, snapshot.view) if snapshot else (schema(), None)
        return Compiler(fields, resolve, view)


def _documents(snapshot: Snapshot, addresses: Sequence[DocAddress]) -> list[Document]:
    return [Document.from_record(record) for record in records(snapshot, addresses)]


def _count(searcher: Searcher, query: Query) -> int:
    return int(searcher.search(query, limit=1, count=True).count)  # type: ignore[attr-defined]


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
    hits = top(searcher, query, "place", MAX_NEAR + 1, count=False).hits
    check_near(len(hits), MAX_NEAR)
    return np.array([place for place, _ in hits], np.int64)
