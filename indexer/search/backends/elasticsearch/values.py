"""Counts of values, exact over any number of shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fengping.indexer.search.backends.elasticsearch.query import Query

OF_A_SHARD = 5_000
"""Values that each shard is asked for where those it gives of itself (half as many again as are wanted, and
ten) do not make counts certain. Beyond, all are counted, page by page."""
PAIRED = 10_000
"""Values of a column that stand beside one of a row; classes, hosts and platforms are far fewer."""
PAGE = 10_000
_LEFT_OUT = ("doc_count_error_upper_bound", "sum_other_doc_count")


class Values:
    """Counts of values of keyword fields; *search* asks the indices, and wants no hits."""

    def __init__(self, search: Callable[..., Any]) -> None:
        self._search = search

    def most_common(
        self, query: Query, fields: Sequence[str], limit: int
    ) -> dict[str, list[tuple[str, int]]]:
        """The first *limit* values of each field, by count, then by value."""
        fields = tuple(dict.fromkeys(fields))
        counted = self._certain(query, fields, limit) if fields else {}
        if 1.5 * limit + 10 < OF_A_SHARD and (left := [field for field in fields if field not in counted]):
            counted |= self._certain(query, left, limit, shard_size=OF_A_SHARD)
        return {
            field: counted[field] if field in counted else self._all(query, field)[:limit] for field in fields
        }

    def crossed(
        self, query: Query, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        """Counts of documents with one of *values* in *rows* and a value in *columns*."""
        inner = {"columns": {"terms": {"field": columns, "size": PAIRED}}}
        named = {"field": rows, "include": list(values), "size": len(values)}
        both: Query = {"bool": {"filter": [query, {"terms": {rows: list(values)}}]}}
        answer = self._search(query=both, aggregations={"rows": {"terms": named, "aggs": inner}})
        found = answer["aggregations"]["rows"]["buckets"]
        if any(row["columns"][less] for row in found for less in _LEFT_OUT):
            sources: list[Query] = [
                {"row": {"terms": {"field": rows}}},
                {"column": {"terms": {"field": columns}}},
            ]
            return {
                (one["key"]["row"], one["key"]["column"]): one["doc_count"]
                for one in self.combinations(both, sources)
                if one["key"]["row"] in values
            }
        return {
            (row["key"], column["key"]): column["doc_count"]
            for row in found
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
        self, query: Query, fields: Sequence[str], limit: int, **of_a_shard: int
    ) -> dict[str, list[tuple[str, int]]]:
        """Those of *fields* whose counts are exact where each shard gives the values most common in it."""
        # By count, then by value, is Elasticsearch's own order. One more tells how near the next one is.
        options = {"size": limit + 1, "show_term_doc_count_error": True, **of_a_shard}
        asked = {field: {"terms": {"field": field, **options}} for field in fields}
        answer = self._search(query=query, aggregations=asked)["aggregations"]
        return {
            field: [(one["key"], one["doc_count"]) for one in answer[field]["buckets"][:limit]]
            for field in fields
            if _is_exact(answer[field], limit)
        }

    def _all(self, query: Query, field: str) -> list[tuple[str, int]]:
        """Every value with its count, the largest first."""
        found = self.combinations(query, [{"value": {"terms": {"field": field}}}])
        pairs = [(one["key"]["value"], one["doc_count"]) for one in found]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def _is_exact(found: dict[str, Any], limit: int) -> bool:
    """True if every shard gave each of the first *limit* values *found*, and no other can be as common.

    Another has at most what those shards counted that gave it, which is no more than the count of the value
    after the first *limit*, and what the others may have kept back.
    """
    kept_back, kept = found["doc_count_error_upper_bound"], found["buckets"][:limit]
    if not kept_back:
        return True
    after = [one["doc_count"] for one in found["buckets"][limit:]] or [0]
    return (
        len(kept) == limit
        and kept[-1]["doc_count"] > after[0] + kept_back
        and not any(one["doc_count_error_upper_bound"] for one in kept)
    )
