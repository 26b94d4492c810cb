"""Documents of the indices by id: written, changed, read and deleted, in whichever index they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from fengping.errors import StoreDown, StoreError
from fengping.indexer.search.backends.elasticsearch.client import GONE, PAGE, Action, found_in
from fengping.indexer.search.backends.elasticsearch.fencing import TOKEN, Fence
from fengping.indexer.search.backends.elasticsearch.indices import Indices
from fengping.indexer.search.backends.elasticsearch.mapping import to_elastic
from fengping.indexer.search.fields import latest, updated, with_events
from fengping.indexer.search.protocol import Changes, PutResult
from fengping.models import Document

Hit = dict[str, Any]
_AGAIN = ("conflict", GONE)
_READ = ("record", TOKEN)


class Entries:
    """The documents of *indices*. The methods named as those of a store do what these promise."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._ask = indices.ask
        self._client = indices.cluster.client
        self.fence = Fence(0)

    def put(
        self,
        documents: Sequence[Document],
        known: Collection[str] | None = None,
        *,
        keep_events: bool = False,
    ) -> PutResult:
        given = latest(documents)
        known = None if known is None else set(known)  # it is asked for each document
        left, results = given, dict[str, str]()
        while left:
            hits = dict[str, Hit]()
            if keep_events:
                ids = [id for id in left if known is None or id in known]
                hits = {hit["_id"]: hit for hit in self.stored(ids, _READ)}
                self.fence.pass_by(hits.values())
                left = with_events(left, {one.id: one.event for one in map(document_of, hits.values())})
            places, new = self._places(left, known)
            entries = {id: to_elastic(one) for id, one in left.items()}
            told = self._bulk(self.fence.actions(entries, hits), places)
            if new:
                self._leave_one(new, places)
            results |= _none_twice(told, results)
            if left := {id: given[id] for id, result in results.items() if result in _AGAIN}:
                # Of a later lease it would be refused; partial updates raise a document's version as well.
                self.fence.pass_by(self.stored(list(left), [TOKEN]))
                known = None
        created = sum(result == "created" for result in results.values())
        return PutResult(created=created, updated=len(results) - created)

    def _places(
        self, given: Mapping[str, Document], known: Collection[str] | None
    ) -> tuple[dict[str, str], list[str]]:
        """Names of the indices that documents are written to by id, and the ids of those that are new there;
        none where there is one index for all."""
        if not self._indices.look():
            return {}, []
        hits = self._one_of_each([id for id in given if known is None or id in known], [])
        stored = {hit["_id"]: hit["_index"] for hit in hits}
        new = [id for id in given if id not in stored]
        return self._indices.places(stored, [given[id] for id in new]), new

    def _leave_one(self, ids: Sequence[str], places: Mapping[str, str]) -> None:
        """Leaves one of each document that another, whose lease had passed, put into another month.

        Raises :class:`HomeBusy` where the lease that has passed is ours.
        """
        last: dict[str, Hit] = {}
        for at in range(0, len(ids), PAGE):
            hits = self._copies(ids[at : at + PAGE], [TOKEN])
            if not self.fence.token:  # what we have just written is the last
                hits.sort(key=lambda hit: self._place_of(hit) == places[hit["_id"]])
            last |= self._last_alone(hits)
        self.fence.pass_by(last.values())

    def _last_alone(self, hits: Sequence[Hit]) -> dict[str, Hit]:
        """The last of *hits* of each document, by id; the others are deleted."""
        last = {hit["_id"]: hit for hit in hits}
        self._bulk([self._deletion(hit) for hit in hits if hit is not last[hit["_id"]]])
        return last

    def update(self, changes: Changes) -> int:
        left, written, told = dict(changes), 0, dict[str, str]()
        while left:
            hits = {hit["_id"]: hit for hit in self._as_of_now(list(left), _READ)}
            self.fence.pass_by(hits.values())
            changed = {one.id: one for one in updated([document_of(hit) for hit in hits.values()], left)}
            places = {id: self._place_of(hit) for id, hit in hits.items()} if self._indices.rollover else {}
            # Only where nobody has written the document since it was read; else it is read again.
            entries = {id: to_elastic(document) for id, document in changed.items()}
            results = self._bulk(self.fence.actions(entries, hits), places)
            told = _none_twice(results, told)
            left = {id: left[id] for id, result in told.items() if result in _AGAIN}
            written += len(results) - len(left)
        return written

    def stored(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        """Hits of those of *ids* that are stored, with their versions."""
        stored: list[Hit] = []
        for at in range(0, len(ids), PAGE):
            wanted = list(ids[at : at + PAGE])
            stored.extend(
                self._in_any(wanted, source) if self._indices.rollover else self._in_one(wanted, source)
            )
        return stored

    def _in_one(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        try:
            answer = self._ask(self._client.mget, ids=list(ids), source_includes=list(source) or False)
            return list(found_in(answer["docs"]))
        except StoreDown:
            raise
        except StoreError:
            if not self._indices.look():
                raise
            return self._in_any(ids, source)  # rebuilt by month meanwhile

    def _in_any(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        found = {hit["_id"]: hit for hit in self._copies(ids, source)}
        return [found[id] for id in ids if id in found]

    def _copies(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        """Hits of at most :data:`PAGE` ids in all indices, those of the highest version last."""
        answer = self._ask(
            self._client.search,
            query={"ids": {"values": list(ids)}},
            size=len(ids) + PAGE,
            source=list(source) or False,
            version=True,
            seq_no_primary_term=True,
        )
        return sorted(answer["hits"]["hits"], key=lambda hit: int(hit["_version"]))

    def _as_of_now(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        """The same as :meth:`stored`, of the indices as they lie now."""
        return self._one_of_each(ids, source) if self._indices.look() else self.stored(ids, source)

    def _one_of_each(self, ids: Sequence[str], source: Sequence[str]) -> list[Hit]:
        """The same from all indices, with what another has written and not yet shown to searches, and one of
        each document left."""
        if not ids:
            return []
        self._ask(self._client.indices.refresh)
        pages = (ids[at : at + PAGE] for at in range(0, len(ids), PAGE))
        return [hit for page in pages for hit in self._last_alone(self._copies(page, source)).values()]

    def delete(self, ids: Iterable[str]) -> int:
        doomed = list(dict.fromkeys(ids))
        if not self._indices.look():
            results = self._bulk([{"_op_type": "delete", "_id": id} for id in doomed])
            return sum(result == "deleted" for result in results.values())
        self._ask(self._client.indices.refresh)
        removed = set[str]()
        for at in range(0, len(doomed), PAGE):
            told = dict[str, str]()
            while hits := self._copies(doomed[at : at + PAGE], []):
                told = _none_twice(self._bulk([self._deletion(hit) for hit in hits]), told)
                removed |= {hit["_id"] for hit in hits}
        return len(removed)

    def _place_of(self, hit: Mapping[str, Any]) -> str:
        return self._indices.place_of(hit["_index"])

    def _deletion(self, hit: Mapping[str, Any]) -> Action:
        return {"_op_type": "delete", "_id": hit["_id"], "_index": self._place_of(hit)}

    def _bulk(self, actions: Sequence[Action], places: Mapping[str, str] | None = None) -> dict[str, str]:
        if not actions:
            return {}
        placed = [{**one, "_index": places[one["_id"]]} for one in actions] if places else actions
        results = self._indices.write(placed)
        self._ask(self._client.indices.refresh)
        return results


def _none_twice(results: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """*results*; raises :class:`StoreError` for a document whose index was gone *before* as well."""
    for id, result in results.items():
        if result == GONE == before.get(id):
            raise StoreError(
                f"Elasticsearch has no such index as {id} is to be written to, or it is no alias.",
                remedy="Look at the aliases of the store there; fengping reindex makes them anew.",
            )
    return dict(results)


def document_of(hit: dict[str, Any]) -> Document:
    """The document of a hit whose record was asked for."""
    return Document.from_record(hit["_source"]["record"])
