"""A store in memory: the reference of the protocol, and a store for tests of what stands above it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from fengping.indexer.search.fields import (
    HOURS,
    check_columns,
    check_field,
    check_filter,
    check_page,
    check_range,
    found,
    hour_of,
    keyword_values,
    keywords,
    latest,
    newest_second,
    number_values,
    second_of,
    to_buckets,
    updated,
    with_events,
)
from fengping.indexer.search.protocol import (
    KEYWORD_FIELDS,
    SCHEMA_VERSION,
    Bucket,
    Changes,
    Filter,
    Hits,
    Interval,
    PutResult,
    Sort,
)
from fengping.indexer.search.query.matching import Folded, folded_texts, matches, occurrences, within
from fengping.indexer.search.query.tree import ranges_of, terms_of
from fengping.models import Document

_NO_KEYWORDS: dict[str, tuple[str, ...]] = dict.fromkeys(KEYWORD_FIELDS, ())


@dataclass(frozen=True, slots=True)
class _Entry:
    document: Document
    folded: Folded


class MemoryStore:
    """See :class:`~fengping.indexer.search.protocol.Store`. Every question reads every document."""

    cluster = ""
    lost: frozenset[str] = frozenset()

    def __init__(self, url: str = "memory:") -> None:
        self.url = url
        self._entries: dict[str, _Entry] = {}

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        given = latest(documents)
        if keep_events:
            given = with_events(given, {one.id: one.event for one in self.get(list(given))})
        replaced = sum(id in self._entries for id in given)
        entries = {id: _entry(document) for id, document in given.items()}
        # A new dictionary, so that a scan under way goes on over the old one.
        self._entries = self._entries | entries
        return PutResult(created=len(given) - replaced, updated=replaced)

    def update(self, changes: Changes) -> int:
        changed = updated(self.get(list(changes)), changes)
        self.put(changed)
        return len(changed)

    def restored(self, fields: Collection[str]) -> None:
        """Nothing: no value is kept beside its document."""

    def get(self, ids: Sequence[str]) -> list[Document]:
        return [self._entries[id].document for id in ids if id in self._entries]

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
        matching = sorted(self._matching(where), key=lambda entry: _sort_key(entry, sort, where))
        page = matching[offset : offset + limit]
        return found(len(matching), [entry.document for entry in page], where, highlight=highlight)

    def count(self, where: Filter) -> int:
        return sum(1 for _ in self._matching(where))

    def histogram(self, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
        if split is not None:
            check_field(split)
        width = HOURS[by]
        counts: Counter[tuple[int, str | None]] = Counter()
        for entry in self._matching(where):
            moment = entry.document.raw.published_at
            if moment is None:
                continue
            hour = hour_of(moment) // width * width
            values = (None,) if split is None else entry.folded.keywords[split]
            counts.update((hour, value) for value in values)
        return to_buckets(((hour, value, count) for (hour, value), count in counts.items()), by)

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        return self.facets(where, [field], limit=limit)[field]

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        counts: dict[str, Counter[str]] = {}
        for field in fields:
            check_field(field)
            counts[field] = Counter()
        for entry in self._matching(where):
            for field in fields:
                counts[field].update(entry.folded.keywords[field])
        return {
            field: sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:limit]
            for field, counted in counts.items()
        }

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        check_field(rows)
        check_field(columns)
        counts: Counter[tuple[str, str]] = Counter()
        for entry in self._matching(where):
            found = set(entry.folded.keywords[rows]) & set(values)
            counts.update((row, column) for row in found for column in set(entry.folded.keywords[columns]))
        return dict(counts)

    def scan(self, where: Filter) -> Iterator[Document]:
        matching = self._matching(where)
        yield from sorted((entry.document for entry in matching), key=lambda document: document.id)

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        values = [attrgetter(row.path) for row in check_columns(names)]
        return (tuple([value(document) for value in values]) for document in self.scan(where))

    def delete(self, ids: Iterable[str]) -> int:
        doomed = self._entries.keys() & set(ids)
        self._entries = {id: entry for id, entry in self._entries.items() if id not in doomed}
        return len(doomed)

    def expunge(self) -> bool:
        return True

    def fence(self, token: int) -> None:
        """Nothing: no other machine writes here."""

    def claim(self) -> None:
        """Nothing: no other process writes here."""

    def begin_rebuild(self) -> MemoryStore:
        return MemoryStore(self.url)

    def finish_rebuild(self, fresh: MemoryStore) -> None:
        self._entries = fresh._entries

    def facts(self) -> dict[str, Any]:
        return {
            "backend": "memory",
            "version": sys.version.split()[0],
            "schema": SCHEMA_VERSION,
            "documents": len(self._entries),
            "bytes": sum(len(e.document.raw.content.encode()) for e in self._entries.values()),
        }

    def close(self) -> None:
        """Nothing to let go of."""

    def _matching(self, where: Filter) -> Iterator[_Entry]:
        check_filter(where)
        for asked in ranges_of(where.text):
            check_range(asked)
        wanted = [(name, frozenset(keywords(*values))) for name, values in where.where.items()]
        refused = [(name, frozenset(keywords(*values))) for name, values in where.exclude.items()]
        for entry in self._entries.values():
            values = entry.folded.keywords
            if (
                _is_of_the_time(where, entry.document)
                and not any(some.isdisjoint(values[name]) for name, some in wanted)
                and all(some.isdisjoint(values[name]) for name, some in refused)
                and all(within(asked, entry.folded.numbers.get(asked.field)) for asked in where.ranges)
                and (where.text is None or matches(where.text, entry.folded))
            ):
                yield entry


def _entry(document: Document) -> _Entry:
    # Through its record, as from any other store: times to the second, lists as tuples.
    kept = Document.from_record(document.to_record())
    texts = folded_texts(kept.raw.title, kept.raw.text)
    values = _NO_KEYWORDS | keyword_values(kept)
    return _Entry(kept, Folded(texts, values, number_values(kept), kept.raw.published_at))


def _is_of_the_time(where: Filter, document: Document) -> bool:
    moment = document.raw.published_at
    if where.indexed_since is not None and document.indexed_at < where.indexed_since:
        return False
    if moment is None:
        return where.since is None and where.until is None
    return (
        not where.undated
        and (where.since is None or moment >= where.since)
        and (where.until is None or moment < where.until)
    )


def _sort_key(entry: _Entry, sort: Sort, where: Filter) -> tuple[float, str]:
    moment = entry.document.raw.published_at
    if sort is Sort.OLDEST:
        return second_of(moment), entry.document.id
    if sort is Sort.RELEVANCE and where.text is not None:
        times = sum(
            len(occurrences(term, text))
            for term in terms_of(where.text)
            for text in entry.folded.texts.values()
        )
        return -times, entry.document.id
    return newest_second(moment), entry.document.id
