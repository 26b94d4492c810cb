"""The store in an Elasticsearch cluster: for more documents than one machine holds, or many machines.

``name`` is an alias of one index ``name-000001``, or of one and those of its months; a rebuild fills the next
one and turns the alias over.
Uses no scripts, no ``_delete_by_query``, no ``_reindex``: any licence and any hosted cluster will do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from fengping.fields import FieldKind
from fengping.indexer.search.backends.elasticsearch.client import PAGE
from fengping.indexer.search.backends.elasticsearch.entries import Entries, document_of
from fengping.indexer.search.backends.elasticsearch.fencing import Fence
from fengping.indexer.search.backends.elasticsearch.indices import Indices
from fengping.indexer.search.backends.elasticsearch.query import Compiler, Query, candidates
from fengping.indexer.search.backends.elasticsearch.values import Values
from fengping.indexer.search.fields import (
    HOURS,
    check_columns,
    check_field,
    check_near,
    check_page,
    found,
    to_buckets,
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

COLUMNS_PAGE = 10_000
MAX_READ = 20_000
"""Texts read to answer a NEAR of more than two words."""
KEEP_ALIVE = "5m"


class ElasticStore:
    """See :class:`~fengping.indexer.search.protocol.Store`.

    With *index* given it works on that one (a rebuild under way), else on the alias. *rollover*: ``month``
    for an index by month of publication, where it is made or rebuilt.
    """

    lost: frozenset[str] = frozenset()

    def __init__(self, url: str, index: str = "", *, owner: str = "", rollover: str = "") -> None:
        self.url = url
        self._owner = owner
        self._indices = Indices(url, index, owner, rollover)
        self._ask = self._indices.ask
        self._cluster = self._indices.cluster
        self._client = self._cluster.client
        self._compiler = Compiler(self._resolve)
        self._values = Values(partial(self._ask, self._client.search, size=0))
        self._entries = Entries(self._indices)

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        return self._entries.put(documents, known, keep_events=keep_events)

    def update(self, changes: Changes) -> int:
        return self._entries.update(changes)

    def fence(self, token: int) -> None:
        self._entries.fence = Fence(token)

    def claim(self) -> None:
        """Nothing: several processes may write."""

    def restored(self, fields: Collection[str]) -> None:
        """Nothing: no value is kept beside its document."""

    def get(self, ids: Sequence[str]) -> list[Document]:
        return list(map(document_of, self._entries.stored(ids, ["record"])))

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
            search_type="dfs_query_then_fetch" if _is_by_score(sort, where) else None,
            source_includes=["record"],
            track_total_hits=True if most is None else most,
        )
        documents = [document_of(hit) for hit in answer["hits"]["hits"]]
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
            for bucket in self._values.combinations(self._compiler.filter(where), sources)
        ]
        return to_buckets(rows, by)

    def terms(self, where: Filter, field: str, *, limit: int = 1000) -> list[tuple[str, int]]:
        return self.facets(where, [field], limit=limit)[field]

    def facets(
        self, where: Filter, fields: Sequence[str], *, limit: int = 10
    ) -> dict[str, list[tuple[str, int]]]:
        for field in fields:
            check_field(field)
        return self._values.most_common(self._compiler.filter(where), fields, limit)

    def cross(
        self, where: Filter, rows: str, columns: str, values: Sequence[str]
    ) -> dict[tuple[str, str], int]:
        check_field(rows)
        check_field(columns)
        if not values:
            return {}
        return self._values.crossed(self._compiler.filter(where), rows, columns, values)

    def scan(self, where: Filter) -> Iterator[Document]:
        for hit in self._snapshot(self._compiler.filter(where), ["record"]):
            yield document_of(hit)

    def columns(self, where: Filter, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        rows = check_columns(names)
        wanted = [".".join(("record", *row.record_path)) for row in rows]
        long = any(row.kind in (FieldKind.TEXT, FieldKind.KEPT) and row.name != "id" for row in rows)
        for hit in self._snapshot(self._compiler.filter(where), wanted, PAGE if long else COLUMNS_PAGE):
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
        return self._entries.delete(ids)

    def expunge(self) -> bool:
        return self._indices.expunge()

    def begin_rebuild(self) -> ElasticStore:
        index, rollover = self._indices.begin_rebuild(self._entries.fence.token), self._indices.wanted
        fresh = ElasticStore(self.url, index, owner=self._owner, rollover=rollover)
        fresh.fence(self._entries.fence.token)
        return fresh

    def finish_rebuild(self, fresh: ElasticStore) -> None:
        self._indices.turn_over(fresh._indices.pinned)
        fresh.close()

    @property
    def cluster(self) -> str:
        return str(self._cluster.ask(self._client.cluster.state, metric="version")["cluster_uuid"])

    def facts(self) -> dict[str, Any]:
        health = self._indices.health()
        stats = self._ask(self._client.indices.stats, metric="store")["_all"]["primaries"]
        begun = self._indices.rebuilding()
        return {
            "backend": "elasticsearch",
            "version": self._cluster.ask(self._client.info)["version"]["number"],
            "schema": SCHEMA_VERSION,
            # Counted, not from the statistics: those leave out without a word a shard that a node took along.
            "documents": self._ask(self._client.count)["count"],
            "bytes": stats["store"]["size_in_bytes"],
            **({"health": health} if health != "green" else {}),
            **self._rolled_over(),
            **({"rebuild begun by": begun} if begun else {}),
        }

    def _rolled_over(self) -> dict[str, str]:
        """For ``doctor``: whether there is an index for each month, and where that is not as it is set."""
        own, wanted = self._indices.look(), self._indices.wanted
        if own != wanted:
            return {"rollover": f"{own or 'none'} ({wanted or 'none'} is set; fengping reindex changes it)"}
        return {"rollover": own} if own else {}

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


def _is_by_score(sort: Sort, where: Filter) -> bool:
    return sort is Sort.RELEVANCE and where.text is not None


def _order(sort: Sort, where: Filter) -> list[Any]:
    if _is_by_score(sort, where):
        return ["_score", {"id": "asc"}]
    direction = "asc" if sort is Sort.OLDEST else "desc"
    return [{"published_at": {"order": direction, "missing": "_last"}}, {"id": "asc"}]
