"""The store in an Elasticsearch cluster: for more documents than one machine holds, or many machines.

``name`` is an alias of one index ``name-000001``; a rebuild fills the next one and turns the alias over.
Uses no scripts, no ``_delete_by_query``, no ``_reindex``: any licence and any hosted cluster will do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from fengping.fields import FieldKind
from fengping.indexer.search.backends.elasticsearch.client import PAGE, Action, found_in
from fengping.indexer.search.backends.elasticsearch.fencing import Fence
from fengping.indexer.search.backends.elasticsearch.indices import Indices
from fengping.indexer.search.backends.elasticsearch.mapping import to_elastic
from fengping.indexer.search.backends.elasticsearch.query import Compiler, Query, candidates
from fengping.indexer.search.fields import (
    HOURS,
    check_columns,
    check_field,
    check_near,
    check_page,
    found,
    latest,
    to_buckets,
    updated,
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
from fengping.indexer.search.query.matching import TEXT_FIELDS, near
from fengping.indexer.search.query.tree import Near
from fengping.indexer.search.text.folding import fold
from fengping.models import Document

PAIRED = 10_000
"""Values of a column that stand beside one of a row; classes, hosts and platforms are far fewer."""
BUCKET_PAGE = 10_000
MAX_READ = 20_000
"""Texts read to answer a NEAR of more than two words."""
KEEP_ALIVE = "5m"


class ElasticStore:
    """See :class:`~fengping.indexer.search.protocol.Store`.

    With *index* given it works on that one (a rebuild under way), else on the alias.
    """

    def __init__(self, url: str, index: str = "", *, owner: str = "") -> None:
        self.url = url
        self._owner = owner
        self._indices = Indices(url, index, owner)
        self._ask = self._indices.ask
        self._cluster = self._indices.cluster
        self._client = self._cluster.client
        self._compiler = Compiler(self._resolve)
        self._fence = Fence(0)

    def put(self, documents: Sequence[Document], known: Collection[str] | None = None) -> PutResult:
        given = latest(documents)
        results = self._bulk(self._fence.actions({id: to_elastic(one) for id, one in given.items()}))
        while beaten := [id for id, result in results.items() if result == "conflict"]:
            # Of a later lease it would be refused; partial updates raise a document's version as well.
            self._fence.pass_by(self._stored(beaten, []))
            results |= self._bulk(self._fence.actions({id: to_elastic(given[id]) for id in beaten}))
        created = sum(result == "created" for result in results.values())
        return PutResult(created=created, updated=len(results) - created)

    def update(self, changes: Changes) -> int:
        left, written = dict(changes), 0
        while left:
            hits = {hit["_id"]: hit for hit in self._stored(list(left), ["record"])}
            self._fence.pass_by(hits.values())
            changed = {one.id: one for one in updated([_document(hit) for hit in hits.values()], left)}
            # Only where nobody has written the document since it was read; else it is read again.
            results = self._bulk(
                [
                    {
                        "_op_type": "index",
                        "_id": id,
                        **_unchanged_since(hits[id]),
                        "_source": to_elastic(document),
                    }
                    for id, document in changed.items()
                ]
            )
            left = {id: left[id] for id, result in results.items() if result == "conflict"}
            written += len(results) - len(left)
        return written

    def fence(self, token: int) -> None:
        self._fence = Fence(token)

    def get(self, ids: Sequence[str]) -> list[Document]:
        return [_document(hit) for hit in self._stored(ids, ["record"])]

    def _stored(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        """Hits of those of *ids* that are stored, with their versions."""
        stored: list[dict[str, Any]] = []
        for at in range(0, len(ids), PAGE):
            wanted = list(ids[at : at + PAGE])
            answer = self._ask(self._client.mget, ids=wanted, source_includes=list(source) or False)
            stored.extend(found_in(answer["docs"]))
        return stored

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
        answer = self._ask(
            self._client.search,
            query=self._compiler.filter(where),
            from_=offset,
            size=limit,
            sort=_order(sort, where),
            source_includes=["record"],
            track_total_hits=True if most is None else most,
        )
        documents = [_document(hit) for hit in answer["hits"]["hits"]]
        total = answer["hits"]["total"]
        hits = found(total["value"], documents, where, highlight=highlight)
        return replace(hits, exact=total["relation"] == "eq")

    def count(self, where: Filter) -> int:
        return int(self._ask(self._client.count, query=self._compiler.filter(where))["count"])

    def histogram(self, where: Filter, by: Interval, *, split: str | None = None) -> list[Bucket]:
        sources: list[Query] = [{"hour": {"histogram": {"field": "hour", "interval": HOURS[by]}}}]
        if split is not None:
            check_field(split)
            sources.append({"value": {"terms": {"field": split}}})
        rows = [
            (int(bucket["key"]["hour"]), bucket["key"].get("value"), int(bucket["doc_count"]))
            for bucket in self._composite(self._compiler.filter(where), sources)
        ]
        return to_buckets(rows, by)

    def _composite(self, query: Query, sources: list[Query]) -> Iterator[dict[str, Any]]:
        """Every combination of the sources' values, page by page: exact, however many there are."""
        asked: dict[str, Any] = {"size": BUCKET_PAGE, "sources": sources}
        while True:
            aggregation = {"all": {"composite": asked}}
            answer = self._ask(self._client.search, query=query, size=0, aggregations=aggregation)
            page = answer["aggregations"]["all"]
            yield from page["buckets"]
            if len(page["buckets"]) < BUCKET_PAGE:
                return
            asked = {**asked, "after": page["after_key"]}

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        return self.facets(where, [field], limit=limit)[field]

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        for field in fields:
            check_field(field)
        if not fields:
            return {}
        # By count, then by value, is Elasticsearch's own order.
        asked = {field: {"terms": {"field": field, "size": limit}} for field in fields}
        query = self._compiler.filter(where)
        answer = self._ask(self._client.search, query=query, size=0, aggregations=asked)
        return {
            field: [(one["key"], one["doc_count"]) for one in answer["aggregations"][field]["buckets"]]
            for field in fields
        }

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        check_field(rows)
        check_field(columns)
        if not values:
            return {}
        inner = {"columns": {"terms": {"field": columns, "size": PAIRED}}}
        named = {"field": rows, "include": list(values), "size": len(values)}
        query: Query = {"bool": {"filter": [self._compiler.filter(where), {"terms": {rows: list(values)}}]}}
        asked = {"rows": {"terms": named, "aggs": inner}}
        answer = self._ask(self._client.search, query=query, size=0, aggregations=asked)
        return {
            (row["key"], column["key"]): column["doc_count"]
            for row in answer["aggregations"]["rows"]["buckets"]
            for column in row["columns"]["buckets"]
        }

    def scan(self, where: Filter) -> Iterator[Document]:
        for hit in self._snapshot(self._compiler.filter(where), ["record"]):
            yield _document(hit)

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        rows = check_columns(names)
        wanted = [".".join(("record", *row.record_path)) for row in rows]
        long = any(row.kind in (FieldKind.TEXT, FieldKind.KEPT) and row.name != "id" for row in rows)
        for hit in self._snapshot(self._compiler.filter(where), wanted, PAGE if long else BUCKET_PAGE):
            record = hit["_source"].get("record", {})
            yield tuple([row.of_record(record) for row in rows])

    def _snapshot(self, query: Query, source: Sequence[str], size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Every hit in id order, as of now."""
        opened = self._ask(self._client.open_point_in_time, keep_alive=KEEP_ALIVE)
        pit = opened["id"]
        after: dict[str, Any] = {}
        try:
            while True:
                answer = self._cluster.ask(
                    self._client.search,
                    query=query,
                    size=size,
                    pit={"id": pit, "keep_alive": KEEP_ALIVE},
                    sort=[{"id": "asc"}],
                    source_includes=list(source),
                    track_total_hits=False,
                    **after,
                )
                pit = answer["pit_id"]
                hits = answer["hits"]["hits"]
                yield from hits
                if len(hits) < size:
                    return
                after = {"search_after": hits[-1]["sort"]}
        finally:
            self._cluster.ask(self._client.close_point_in_time, id=pit)

    def delete(self, ids: Iterable[str]) -> int:
        results = self._bulk([{"_op_type": "delete", "_id": id} for id in dict.fromkeys(ids)])
        return sum(result == "deleted" for result in results.values())

    def _bulk(self, actions: Sequence[Action]) -> dict[str, str]:
        results: dict[str, str] = self._ask(
            self._cluster.bulk, actions=actions, require_alias=not self._indices.pinned
        )
        if actions:
            self._ask(self._client.indices.refresh)
        return results

    def expunge(self) -> bool:
        return self._indices.expunge()

    def begin_rebuild(self) -> ElasticStore:
        fresh = ElasticStore(self.url, self._indices.begin_rebuild(self._fence.token), owner=self._owner)
        fresh.fence(self._fence.token)
        return fresh

    def finish_rebuild(self, fresh: ElasticStore) -> None:
        self._indices.turn_over(fresh._indices.pinned)
        fresh.close()

    def facts(self) -> dict[str, Any]:
        stats = self._ask(self._client.indices.stats, metric=["docs", "store"])["_all"]["primaries"]
        begun = self._indices.rebuilding()
        return {
            "backend": "elasticsearch",
            "version": self._cluster.ask(self._client.info)["version"]["number"],
            "schema": SCHEMA_VERSION,
            "documents": stats["docs"]["count"],
            "bytes": stats["store"]["size_in_bytes"],
            **({"rebuild begun by": begun} if begun else {}),
        }

    def close(self) -> None:
        self._indices.close()

    def _resolve(self, expression: Near, conditions: Query) -> list[str]:
        """Texts that may match are read, and those documents kept whose texts do."""
        field = expression.terms[0].field
        ids: dict[str, None] = {}
        for name in TEXT_FIELDS if field is None else (field,):
            query = candidates(expression, conditions, name)
            check_near(int(self._ask(self._client.count, query=query)["count"]), MAX_READ)
            for hit in self._snapshot(query, [f"record.{name}"]):
                if near(expression, fold(hit["_source"]["record"][name])):
                    ids[hit["_id"]] = None
        return list(ids)


def _unchanged_since(hit: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}


def _document(hit: dict[str, Any]) -> Document:
    return Document.from_record(hit["_source"]["record"])


def _order(sort: Sort, where: Filter) -> list[Any]:
    if sort is Sort.RELEVANCE and where.text is not None:
        return ["_score", {"id": "asc"}]
    direction = "asc" if sort is Sort.OLDEST else "desc"
    return [{"published_at": {"order": direction, "missing": "_last"}}, {"id": "asc"}]
