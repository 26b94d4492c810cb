"""Documents of the indices by id: written, changed, read and deleted, in whichever index they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from fengping.errors import StoreDown, StoreError
from fengping.indexer.search.backends.elasticsearch.client import PAGE, Action, found_in
from fengping.indexer.search.backends.elasticsearch.fencing import Fence
from fengping.indexer.search.backends.elasticsearch.indices import Indices
from fengping.indexer.search.backends.elasticsearch.mapping import to_elastic
from fengping.indexer.search.fields import latest, updated
from fengping.indexer.search.protocol import Changes, PutResult
from fengping.models import Document


class Entries:
    """The documents of *indices*. The methods named as those of a store do what these promise."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._ask = indices.ask
        self._client = indices.cluster.client
        self.fence = Fence(0)

    def put(self, documents: Sequence[Document], known: Collection[str] | None = None) -> PutResult:
        given = latest(documents)
        left, results = given, dict[str, str]()
        while left:
            places = self._places(left, known)
            results |= self._bulk(
                self.fence.actions({id: to_elastic(one) for id, one in left.items()}), places
            )
            if left := {id: given[id] for id, result in results.items() if result == "conflict"}:
                # Of a later lease it would be refused; partial updates raise a document's version as well.
                self.fence.pass_by(self.stored(list(left), []))
                known = None
        created = [id for id, result in results.items() if result == "created"]
        if self._indices.rollover:
            self._drop_copies(created)
        return PutResult(created=len(created), updated=len(results) - len(created))

    def _places(self, given: Mapping[str, Document], known: Collection[str] | None) -> dict[str, str]:
        """Names of the indices that documents are written to, by id; none where there is one for all."""
        if not self._indices.look():
            return {}
        hits = self._as_of_now([id for id in given if known is None or id in known], [])
        stored = {hit["_id"]: hit["_index"] for hit in hits}
        return self._indices.places(stored, [one for id, one in given.items() if id not in stored])

    def _drop_copies(self, ids: Sequence[str]) -> None:
        """Leaves one of each document that another, whose lease had passed, put into another month.

        Raises :class:`HomeBusy` where the lease that has passed is ours.
        """
        for at in range(0, len(ids), PAGE):
            hits = self._copies(ids[at : at + PAGE], [])
            last = {hit["_id"]: hit for hit in hits}
            if older := [hit for hit in hits if hit is not last[hit["_id"]]]:
                self._bulk([self._deletion(hit) for hit in older])
            self.fence.pass_by(last.values())

    def update(self, changes: Changes) -> int:
        left, written = dict(changes), 0
        while left:
            hits = {hit["_id"]: hit for hit in self._as_of_now(list(left), ["record"])}
            self.fence.pass_by(hits.values())
            changed = {one.id: one for one in updated([document_of(hit) for hit in hits.values()], left)}
            indices = {id: hit["_index"] for id, hit in hits.items()} if self._indices.rollover else {}
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
                ],
                self._indices.places(indices, []),
            )
            left = {id: left[id] for id, result in results.items() if result == "conflict"}
            written += len(results) - len(left)
        return written

    def stored(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        """Hits of those of *ids* that are stored, with their versions."""
        stored: list[dict[str, Any]] = []
        for at in range(0, len(ids), PAGE):
            wanted = list(ids[at : at + PAGE])
            stored.extend(
                self._in_any(wanted, source) if self._indices.rollover else self._in_one(wanted, source)
            )
        return stored

    def _in_one(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        try:
            answer = self._ask(self._client.mget, ids=list(ids), source_includes=list(source) or False)
            return list(found_in(answer["docs"]))
        except StoreDown:
            raise
        except StoreError:
            if not self._indices.look():
                raise
            return self._in_any(ids, source)  # rebuilt by month meanwhile

    def _in_any(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        found = {hit["_id"]: hit for hit in self._copies(ids, source)}
        return [found[id] for id in ids if id in found]

    def _copies(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        """Hits of at most :data:`PAGE` ids in all indices, those of the highest version last."""
        answer = self._ask(
            self._client.search,
            query={"ids": {"values": list(ids)}},
            size=2 * len(ids),
            source=list(source) or False,
            version=True,
            seq_no_primary_term=True,
        )
        return sorted(answer["hits"]["hits"], key=lambda hit: int(hit["_version"]))

    def _as_of_now(self, ids: Sequence[str], source: Sequence[str]) -> list[dict[str, Any]]:
        """The same as :meth:`_stored`, with what another has written and not yet shown to searches."""
        if ids and self._indices.look():
            self._ask(self._client.indices.refresh)
        return self.stored(ids, source)

    def delete(self, ids: Iterable[str]) -> int:
        doomed = list(dict.fromkeys(ids))
        if not self._indices.look():
            results = self._bulk([{"_op_type": "delete", "_id": id} for id in doomed])
            return sum(result == "deleted" for result in results.values())
        self._ask(self._client.indices.refresh)
        removed = set[str]()
        for at in range(0, len(doomed), PAGE):
            while hits := self._copies(doomed[at : at + PAGE], []):
                self._bulk([self._deletion(hit) for hit in hits])
                removed |= {hit["_id"] for hit in hits}
        return len(removed)

    def _deletion(self, hit: Mapping[str, Any]) -> Action:
        [index] = self._indices.places({hit["_id"]: hit["_index"]}, []).values()
        return {"_op_type": "delete", "_id": hit["_id"], "_index": index}

    def _bulk(self, actions: Sequence[Action], places: Mapping[str, str] | None = None) -> dict[str, str]:
        if not actions:
            return {}
        placed = [{**one, "_index": places[one["_id"]]} for one in actions] if places else actions
        results = self._indices.write(placed)
        self._ask(self._client.indices.refresh)
        return results


def document_of(hit: dict[str, Any]) -> Document:
    """The document of a hit whose record was asked for."""
    return Document.from_record(hit["_source"]["record"])


def _unchanged_since(hit: dict[str, Any]) -> dict[str, int]:
    return {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
