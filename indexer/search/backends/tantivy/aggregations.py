"""Exact counts out of tantivy's aggregations, which refuse more than 65,000 buckets at once.

They count values as they were put; documents of which a value was changed since are counted over.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from tantivy import Occur, Order, Query, Searcher

from fengping.indexer.search.backends.tantivy.folder import Snapshot
from fengping.indexer.search.backends.tantivy.frames import CHANGING
from fengping.indexer.search.backends.tantivy.query import Compiler, both
from fengping.indexer.search.backends.tantivy.reading import record_of
from fengping.indexer.search.fields import keywords_of
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


Held = dict[str, tuple[str, ...]]
"""Values of keyword fields of a document."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """A document of which a value was changed: what it holds now counts once, what it was put with off."""

    hour: int | None
    put: Held
    now: Held

    @property
    def both(self) -> tuple[tuple[Held, int], tuple[Held, int]]:
        return (self.put, -1), (self.now, 1)


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
        moved = self._moved(fields)
        asked = [field for field in fields if not (moved and field in CHANGING)]
        counts = self._terms(asked, size=size)
        ranked = {field: self._ranked(field, counts[field], limit, size) for field in asked}
        for field in set(fields) - set(asked):
            ranked[field] = self._corrected(field, moved)[:limit]
        return {field: ranked[field] for field in fields}

    def _corrected(self, field: str, moved: Sequence[_Moved]) -> list[tuple[str, int]]:
        """All values with their counts."""
        counts = Counts(self._terms([field], size=MAX_BUCKETS)[field])
        if len(counts) >= MAX_BUCKETS:  # each on its own, as near every document has another
            return _in_order(Counts(value for held in self._held([field]) for value in held.now[field]))
        for one in moved:
            for held, number in one.both:
                counts.update(dict.fromkeys(held[field], number))
        return _in_order(counts)

    def _moved(self, fields: Iterable[str]) -> list[_Moved]:
        """Documents of the query in which one of *fields* was changed since it was put."""
        asked = [field for field in fields if field in CHANGING]
        view = self.snapshot.view
        rows = view.changed(*asked) if asked and view.count else np.empty(0, np.int64)
        if not len(rows):
            return []
        narrowed = self.query
        if len(rows) < self.searcher.search(self.query, limit=1, count=True).count:  # type: ignore[attr-defined]
            places = self.compiler.at_places(view.column("place")[rows].tolist())
            narrowed = both([(Occur.Must, self.query), (Occur.Must, places)])
        return [one for one in replace(self, query=narrowed)._held(fields) if one.put != one.now]

    def _held(self, fields: Iterable[str]) -> list[_Moved]:
        """What each document of the query was put with and holds now."""
        searcher, view = self.searcher, self.snapshot.view
        most = max(1, searcher.num_docs)
        hits = searcher.search(self.query, most, count=False, order_by_field="place", order=Order.Asc).hits
        addresses = [at for _, at in hits]
        rows = view.rows_at(np.array([place for place, _ in hits], np.uint64))
        put, now = dict[str, list[tuple[str, ...]]](), dict[str, list[tuple[str, ...]]]()
        for field in dict.fromkeys(fields):
            keyword = partial(keywords_of, field)
            if field in CHANGING:
                codes = view.column(field)[rows], view.codes(field, rows)
                put[field], now[field] = (view.values(field, one, rows, keyword) for one in codes)
            else:
                found = (record_of(searcher, at) for at in addresses)
                put[field] = now[field] = [keyword(FIELDS[field].of_record(one)) for one in found]
        hours = searcher.fast_field_values("hour", addresses)
        return [
            _Moved(
                None if hour is None else int(hour),
                {field: put[field][n] for field in put},
                {field: now[field][n] for field in now},
            )
            for n, hour in enumerate(hours)
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
        """Counts by pairs of values."""
        wanted = set(values)
        counts = Counts(self._crossed_as_put(rows, columns, values))
        for one in self._moved((rows, columns)):
            for held, number in one.both:
                pairs = ((row, column) for row in wanted.intersection(held[rows]) for column in held[columns])
                counts.update(dict.fromkeys(pairs, number))
        return {pair: count for pair, count in counts.items() if count}

    def _crossed_as_put(self, rows: str, columns: str, values: Sequence[str]) -> dict[tuple[str, str], int]:
        """The same of values as put; where they are too many for one question, a question a row."""
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
        wanted = set(values)
        return {
            (row["key"], column["key"]): column["doc_count"]
            for row in answer["rows"]["buckets"]
            if row["key"] in wanted
            for column in row["columns"]["buckets"]
        }

    def _beside(self, field: str, value: str, columns: str) -> Iterable[tuple[str, int]]:
        narrowed = both([(Occur.Must, self.query), (Occur.Must, self.compiler.put_with(field, [value]))])
        found = replace(self, query=narrowed)._terms([columns], size=MAX_BUCKETS)
        return found[columns].items()

    def by_time(self, width: int, split: str | None) -> list[Row]:
        """Counts per *width* hours, and per value of *split* where given."""
        found = self._by_time_as_put(width, split)
        moved = self._moved([split]) if split else []
        if not split or not moved:
            return found
        counts = Counts[tuple[int, str | None]]()
        for hour, value, count in found:
            counts[hour, value] += count
        for one in moved:
            if one.hour is not None:
                for held, number in one.both:
                    hour = one.hour // width * width
                    counts.update({(hour, value): number for value in held[split]})
        return [(hour, value, count) for (hour, value), count in counts.items() if count]

    def _by_time_as_put(self, width: int, split: str | None) -> list[Row]:
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
    return sorted(((v, n) for v, n in counts.items() if n), key=lambda item: (-item[1], item[0]))
