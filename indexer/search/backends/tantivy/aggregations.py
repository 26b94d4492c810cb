"""Exact counts out of tantivy's aggregations, which refuse more than 65,000 buckets at once.

They count values as they were put: fields whose values change are counted out of columns, match by match.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from tantivy import Occur, Query, Searcher

from fengping.indexer.search.backends.tantivy.folder import Snapshot
from fengping.indexer.search.backends.tantivy.frames import CHANGING
from fengping.indexer.search.backends.tantivy.query import Compiler, both
from fengping.indexer.search.backends.tantivy.reading import Hit, rows_of, top
from fengping.indexer.search.fields import hour_of, keywords_of
from fengping.indexer.search.protocol import KEYWORD_FIELDS
from fengping.models import FIELDS

Row = tuple[int, str | None, int]
"""Hour, value, count."""

MAX_BUCKETS = 60_000
TIED = 100
"""Values looked at beyond twice as many as are asked for."""
PARTS = 4
"""Parts of a time of which too many documents are found for one question."""
_ALL = 2**31
_LAST_KEY = 2**64 - 1


class _TooManyBuckets(Exception):
    """The question has to be asked in parts."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts over the documents that *query* selects."""

    snapshot: Snapshot
    compiler: Compiler
    query: Query

    @property
    def searcher(self) -> Searcher:
        return self.snapshot.searcher

    def by_values(self, fields: Sequence[str], limit: int) -> dict[str, list[tuple[str, int]]]:
        """Values of each field with document counts, largest first, ties by value."""
        # So many more that what ties with the last one is seen to its end.
        size = max(limit + 1, min(2 * limit + TIED, MAX_BUCKETS))
        asked = [field for field in fields if not self._is_changed(field)]
        counts = self._terms(asked, size=size)
        return {
            field: self._ranked(field, counts[field], limit, size)
            if field in counts
            else _in_order(self._counted(field))[:limit]
            for field in fields
        }

    def _is_changed(self, field: str) -> bool:
        """True where a value of the field was changed since it was put."""
        return field in CHANGING and bool(self.snapshot.view.now(field).any())

    def _counted(self, field: str) -> Counts[str]:
        """Values that matches hold in a field that changes."""
        view, counts = self.snapshot.view, Counts[str]()
        places = np.array([place for place, _ in self._matches()], np.uint64)
        for value, count in view.counted(field, view.rows_at(places)):
            counts.update(dict.fromkeys(keywords_of(field, value), count))
        return counts

    def _matches(self) -> list[Hit]:
        """All matches by their places."""
        hits: list[Hit] = top(
            self.searcher, self.query, "place", max(1, self.searcher.num_docs), count=False
        ).hits
        return hits

    def _held(self, *fields: str) -> Iterator[list[Any]]:
        """Values of fields of each match, keywords as such."""
        addresses = [at for _, at in self._matches()]
        for row in rows_of(self.snapshot, addresses, [FIELDS[field] for field in fields]):
            yield [
                keywords_of(field, value) if field in KEYWORD_FIELDS else value
                for field, value in zip(fields, row, strict=True)
            ]

    def _ranked(self, field: str, found: dict[str, int], limit: int, size: int) -> list[tuple[str, int]]:
        numbers = sorted(found.values(), reverse=True)
        if limit and len(found) == size and numbers[limit - 1] == numbers[-1]:
            # Among the first 2 × limit values by name that have at least as many documents, fewer than limit
            # have more, so those that belong in the list are there.
            least = {"order": {"_key": "asc"}, "min_doc_count": numbers[-1]}
            found |= self._terms([field], size=2 * limit, **least)[field]
        return _in_order(found)[:limit]

    def _terms(self, fields: Sequence[str], *, size: int, **options: Any) -> dict[str, dict[str, int]]:
        # Every segment keeps all its values, so that the counts are exact.
        asked = {
            field: {"terms": {"field": field, "size": size, "shard_size": _ALL, **options}}
            for field in fields
        }
        answer = self.searcher.aggregate(self.query, asked)
        return {field: {one["key"]: one["doc_count"] for one in answer[field]["buckets"]} for field in fields}

    def crossed(self, rows: str, columns: str, values: Sequence[str]) -> dict[tuple[str, str], int]:
        """Counts by pairs of values; where they are too many for one question, a question a row."""
        wanted = set(values)
        if self._is_changed(rows) or self._is_changed(columns):
            held = self._held(rows, columns)
            return Counts((a, b) for row, column in held for a in wanted.intersection(row) for b in column)
        every = {"size": MAX_BUCKETS, "shard_size": _ALL}
        inner = {"columns": {"terms": {"field": columns, **every}}}
        asked = {"rows": {"terms": {"field": rows, **every}, "aggs": inner}}
        try:
            answer = self.searcher.aggregate(self.query, asked)
        except ValueError as error:
            if "limit was exceeded" not in str(error):
                raise
            return {
                (row, column): count for row in values for column, count in self._beside(rows, row, columns)
            }
        return {
            (row["key"], column["key"]): column["doc_count"]
            for row in answer["rows"]["buckets"]
            if row["key"] in wanted
            for column in row["columns"]["buckets"]
        }

    def _beside(self, field: str, value: str, columns: str) -> Iterable[tuple[str, int]]:
        narrowed = both([(Occur.Must, self.query), (Occur.Must, self.compiler.any_of(field, [value]))])
        found = replace(self, query=narrowed)._terms([columns], size=MAX_BUCKETS)
        return found[columns].items()

    def by_time(self, width: int, split: str | None) -> list[Row]:
        """Counts per *width* hours, and per value of *split* where given."""
        if split and self._is_changed(split):
            counts = Counts(
                (hour_of(at) // width * width, value)
                for at, held in self._held("published_at", split)
                if at
                for value in held
            )
            return [(hour, value, count) for (hour, value), count in counts.items()]
        try:
            return self._ask(self.query, width, split)
        except _TooManyBuckets:
            pass
        ends = self.searcher.aggregate(
            self.query, {"first": {"min": {"field": "hour"}}, "last": {"max": {"field": "hour"}}}
        )
        first, last = int(ends["first"]["value"]) // width, int(ends["last"]["value"]) // width
        return self._in_parts(width, split, (first, last + 1), (0, _LAST_KEY))

    def _in_parts(
        self, width: int, split: str | None, times: tuple[int, int], keys: tuple[int, int]
    ) -> list[Row]:
        """Counts of the documents within these times and sort keys, which are too many for one question."""
        (start, stop), (low, high) = times, keys
        if stop - start > 1:
            # A question that finds too much has looked at all documents: few steps rather than few parts.
            edges = [start + (stop - start) * n // PARTS for n in range(PARTS + 1)]
            parts = [(times, keys) for times in pairwise(edges) if times[0] < times[1]]
        else:
            middle = (low + high) // 2
            parts = [(times, (low, middle)), (times, (middle + 1, high))]
        return [row for part in parts for row in self._part(width, split, *part)]

    def _part(
        self, width: int, split: str | None, times: tuple[int, int], keys: tuple[int, int]
    ) -> list[Row]:
        query = both(
            [
                (Occur.Must, self.query),
                (Occur.Must, self.compiler.between("hour", times[0] * width, times[1] * width - 1)),
                (Occur.Must, self.compiler.between("key", *keys)),
            ]
        )
        try:
            return self._ask(query, width, split)
        except _TooManyBuckets:
            return self._in_parts(width, split, times, keys)

    def _ask(self, query: Query, width: int, split: str | None) -> list[Row]:
        asked: dict[str, Any] = {"histogram": {"field": "hour", "interval": width, "min_doc_count": 1}}
        if split is not None:
            values = {"terms": {"field": split, "size": MAX_BUCKETS, "shard_size": _ALL}}
            asked["aggs"] = {"values": values}
        try:
            answer = self.searcher.aggregate(query, {"times": asked})
        except ValueError as error:
            if "limit was exceeded" in str(error):
                raise _TooManyBuckets from error
            raise
        rows: list[Row] = []
        for bucket in answer["times"]["buckets"]:
            hour = int(bucket["key"])
            if split is None:
                rows.append((hour, None, bucket["doc_count"]))
                continue
            if bucket["values"]["sum_other_doc_count"]:
                raise _TooManyBuckets
            rows.extend((hour, one["key"], one["doc_count"]) for one in bucket["values"]["buckets"])
        return rows


def _in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
