"""Counts of values, exact over any number of shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fengping.indexer.search.backends.elasticsearch.query import Query

OF_A_SHARD = (2_000, 50_000)
"""Values that each shard is asked for where those it gives of itself do not make counts certain."""
PAIRED = 10_000
"""Values of a column that stand beside one of a row; classes, hosts and platforms are far fewer."""
PAGE = 10_000


class Values:
    """Counts of values of keyword fields; *search* asks the indices, and wants no hits."""

    def __init__(self, search: Callable[..., Any]) -> None:
        self._search = search

    def most_common(
        self, query: Query, fields: Sequence[str], limit: int
    ) -> dict[str, list[tuple[str, int]]]:
        """The first *limit* values of each field, by count, then by value."""
        counted: dict[str, list[tuple[str, int]]] = {}
        for of_a_shard in (None, *OF_A_SHARD):
            if left := [field for field in dict.fromkeys(fields) if field not in counted]:
                counted |= self._certain(query, left, limit, of_a_shard)
        for field in fields:
            if field not in counted:
                counted[field] = self._all(query, field)[:limit]
        return {field: counted[field] for field in fields}

    def crossed(
        self, query: Query, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        """Counts of documents with one of *values* in *rows* and a value in *columns*."""
        inner = {"columns": {"terms": {"field": columns, "size": PAIRED}}}
        named = {"field": rows, "include": list(values), "size": len(values)}
        both: Query = {"bool": {"filter": [query, {"terms": {rows: list(values)}}]}}
        answer = self._search(query=both, aggregations={"rows": {"terms": named, "aggs": inner}})
        return {
            (row["key"], column["key"]): column["doc_count"]
            for row in answer["aggregations"]["rows"]["buckets"]
            for column in row["columns"]["buckets"]
        }

    def combinations(self, query: Query, sources: list[Query]) -> Iterator[dict[str, Any]]:
        """Every combination of the sources' values, page by page, however many there are."""
        asked: dict[str, Any] = {"size": PAGE, "sources": sources}
        while True:
            answer = self._search(query=query, aggregations={"all": {"composite": asked}})
            page = answer["aggregations"]["all"]
            yield from page["buckets"]
            if len(page["buckets"]) < PAGE:
                return
            asked = {**asked, "after": page["after_key"]}

    def _certain(
        self, query: Query, fields: Sequence[str], limit: int, of_a_shard: int | None
    ) -> dict[str, list[tuple[str, int]]]:
        """Those of *fields* whose counts are exact where each shard gives the values most common in it."""
        # By count, then by value, is Elasticsearch's own order.
        size = {"size": limit} | ({"shard_size": max(of_a_shard, limit)} if of_a_shard else {})
        asked = {
            field: {"terms": {"field": field, **size, "show_term_doc_count_error": True}} for field in fields
        }
        answer = self._search(query=query, aggregations=asked)["aggregations"]
        return {
            field: [(one["key"], one["doc_count"]) for one in answer[field]["buckets"]]
            for field in fields
            if _is_exact(answer[field], limit)
        }

    def _all(self, query: Query, field: str) -> list[tuple[str, int]]:
        """Every value with its count, the largest first."""
        found = self.combinations(query, [{"value": {"terms": {"field": field}}}])
        pairs = [(one["key"]["value"], one["doc_count"]) for one in found]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _is_exact(found: dict[str, Any], limit: int) -> bool:
    """True if no value that a shard did not give can belong among those *found*, or add to one of them."""
    most_missed, buckets = found["doc_count_error_upper_bound"], found["buckets"]
    return not most_missed or (
        len(buckets) == limit
        and buckets[-1]["doc_count"] > most_missed
        and not any(one["doc_count_error_upper_bound"] for one in buckets)
    )
