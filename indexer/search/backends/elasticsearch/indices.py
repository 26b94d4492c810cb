"""The alias of a store in a cluster and the indices behind it: made, checked, written, rebuilt, turned."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fengping.errors import UPGRADE, ForeignHome, SchemaTooNew, StoreError
from fengping.indexer.search.backends.elasticsearch import months
from fengping.indexer.search.backends.elasticsearch.client import Action, Address, Cluster
from fengping.indexer.search.backends.elasticsearch.locking import RebuildLock
from fengping.indexer.search.backends.elasticsearch.mapping import (
    BY_MONTH,
    ROLLOVER,
    index_template,
    told_of,
)
from fengping.indexer.search.fields import REBUILD_REMEDY, older_schema
from fengping.indexer.search.protocol import SCHEMA_VERSION
from fengping.models import Document

LEASE_PAUSES = (1.0, 4.0, 10.0, 20.0, 30.0)
"""Seconds waited for leases, which are renewed every half minute."""
_EXPUNGE_FROM = "index.merge.policy.expunge_deletes_allowed"
_EMPTIED = "fengping_emptied"


class Indices:
    """The alias at *url*, or one index of it (*pinned*: a rebuild under way), as home *owner* uses it.

    *rollover*: ``month``, or empty. It counts when the store is made or rebuilt; in between the indices say.
    """

    def __init__(self, url: str, pinned: str, owner: str, rollover: str) -> None:
        address = Address.parse(url)
        self.alias = address.name
        self.pinned = pinned
        self.cluster = Cluster(address)
        self._client = self.cluster.client
        self._lock = RebuildLock(self.cluster, self.alias)
        self._owner = owner
        self.wanted = rollover
        self._rollover = rollover if pinned else ""
        self._ready = bool(pinned)
        self.cluster.wait_for_restarts(on=bool(pinned))

    def ask(self, request: Any, **arguments: Any) -> Any:
        """A request about our indices, the first of which is made where it is missing."""
        by_month = self.rollover
        index = self.pinned or self.alias
        if self.pinned and by_month:
            index = f"{self.pinned},{self.pinned}-*"
        return self.cluster.ask(request, index=index, **arguments)

    @property
    def rollover(self) -> str:
        """``month`` where each month has an index; empty where there is one index."""
        if not self._ready:
            self._set_up()
            self._check_schema()
            self._ready = True
        return self._rollover

    def look(self) -> str:
        """The same as :attr:`rollover`, asked anew: another machine may have rebuilt the store meanwhile."""
        if self._ready and not self.pinned:
            found = self._described(filter_path="*.mappings._meta").values()
            self._rollover = next(filter(None, (one["mappings"]["_meta"].get(ROLLOVER) for one in found)), "")
        return self.rollover

    def write(self, actions: Sequence[Action]) -> dict[str, str]:
        """Results of a bulk request by id; each action names its index where there is one for each month."""
        target = {} if self.rollover else {"index": self.pinned or self.alias}
        return self.cluster.ask(self.cluster.bulk, actions=actions, require_alias=not self.pinned, **target)

    def places(self, stored: Mapping[str, str], new: Iterable[Document]) -> dict[str, str]:
        """By id the names to write to: for those *stored* that of their index, for *new* ones that of their
        month."""
        month = {document.id: months.month_of(document) for document in new}
        for each in sorted({*month.values()} - {""}):
            self._make_month(each)
        of_stored = {id: months.within(index) for id, index in stored.items()}
        return {id: self._written_as(each) for id, each in (month | of_stored).items()}

    def place_of(self, index: str) -> str:
        """The name by which a stored document's *index* is written to."""
        return self._written_as(months.within(index))

    def _written_as(self, month: str) -> str:
        return f"{self.pinned or self.alias}-{month}" if month else self.pinned or self.alias

    def _make_month(self, month: str) -> None:
        """The index of *month*, where it is missing."""
        indices, name = self._client.indices, f"{self.alias}-{month}"
        is_alias = self.cluster.ask(indices.exists_alias, name=name)
        if not is_alias and self.cluster.ask(indices.exists, index=name):
            raise StoreError(
                f"An index {name} stands where the store needs an alias of that name.",
                remedy="Rename it or delete it, or name the store otherwise in fengping.toml.",
            )
        if self.pinned:
            if not self.cluster.ask(indices.exists, index=f"{self.pinned}-{month}"):
                self._put_template()
                self._create(f"{self.pinned}-{month}", BY_MONTH)
        elif not is_alias:
            self._put_template()  # another may lie there by now
            base = next(index for index in self._behind_alias() if not months.within(index))
            index = f"{base}-{month}"
            self._create(index, BY_MONTH)
            # Fails as a whole where a rebuild has taken the place of the base.
            added = [
                {"index": base, "alias": self.alias, "is_write_index": True},
                {"index": index, "alias": self.alias},
                {"index": index, "alias": name},
            ]  # fmt: skip
            self.cluster.ask(indices.update_aliases, actions=[{"add": one} for one in added])

    def begin_rebuild(self, token: int) -> str:
        """The name of a new, empty index, made under the lease of rebuilds; *token*: that of the index's."""
        self._set_up()
        self._check_schema(rebuilding=True)
        self._lock.take(token)
        # Above those that are dropped as well: whoever filled one may not have noticed that it is dead.
        number = max(map(months.number_of, self._own()), default=0) + 1
        self._drop_unfinished()
        index = f"{self.alias}-{number:06}"
        self._put_template()
        self._create(index, self.wanted)
        self.cluster.wait_for_restarts(on=True)
        return index

    def turn_over(self, index: str) -> None:
        """Makes *index* with those of its months the ones behind the alias and deletes those that were; gives
        the lease back."""
        self._lock.check()
        fresh = [one for one in self._own() if months.base_of(one) == index]
        if index not in fresh:
            raise self.cluster.another(f"it knows no index {index}")
        removed = [{"remove_index": {"index": one}} for one in self._behind_alias()]
        added = [
            {"add": {"index": one, "alias": self.alias, "is_write_index": one == index}} for one in fresh
        ]
        named = [
            {"add": {"index": one, "alias": f"{self.alias}-{month}"}} for one in fresh
            if (month := months.within(one))
        ]  # fmt: skip
        self.cluster.ask(self._client.indices.update_aliases, actions=[*removed, *added, *named])
        for one in self._behind_alias():
            if months.base_of(one) != index:  # made by one whose lease had passed
                self.cluster.ask(self._client.indices.delete, index=one)
        self._lock.release()
        self.cluster.wait_for_restarts(on=False)
        self._ready = False  # it may be by month now, or no longer

    def health(self) -> str:
        """``green``, or why not; raises :class:`StoreDown` where a part of the documents is not there."""
        found = self.ask(self._client.cluster.health)
        if found["status"] == "red":
            raise self.cluster.down(
                f"its health is red: {found['unassigned_shards']} shards of {self.alias} stand on no node"
            )
        if found["status"] == "green":
            return "green"
        away, made = found["unassigned_shards"], found["initializing_shards"]
        return f"{found['status']}: {away} copies of shards stand on no node, {made} are being made"

    def rebuilding(self) -> str:
        """Process and machine that began a rebuild which has not ended; empty for none."""
        return self._lock.holder()

    def close(self) -> None:
        """Ends the connections; a rebuild that did not come to its end is left to others."""
        self._lock.rest()
        self._client.close()

    def expunge(self) -> bool:
        """Takes what is deleted off the disk; False where some of it stays."""
        # Segments with few deletions are passed over by default, and operations stay in the translog until
        # a flush. What a copy may still have to fetch is kept until its lease moves on.
        self.ask(self._client.indices.put_settings, settings={_EXPUNGE_FROM: 0})
        self._drop_unfinished()
        self._drop_empty_months()
        try:
            for pause in (*LEASE_PAUSES, None):
                self.ask(self._client.indices.flush, force=True)
                self.ask(self._client.indices.forcemerge, only_expunge_deletes=True)
                left = self._deleted()
                if not left or pause is None:
                    break
                time.sleep(pause)
        finally:
            self.ask(self._client.indices.put_settings, settings={_EXPUNGE_FROM: None})
        return not left

    def _drop_empty_months(self) -> None:
        """Deletes the indices of months that the last time had no document either: a scan that was begun
        before then has come to its end. Under the lease of the index, so that nobody puts one there."""
        if not self.rollover:
            return
        self.ask(self._client.indices.refresh)
        for index, described in self._described().items():
            if not months.within(index) or self.cluster.ask(self._client.count, index=index)["count"]:
                continue
            own = described["mappings"].get("_meta", {})
            if own.get(_EMPTIED):
                self.cluster.ask(self._client.indices.delete, index=index)
            else:
                self.cluster.ask(self._client.indices.put_mapping, index=index, meta={**own, _EMPTIED: True})

    def _deleted(self) -> int:
        self.ask(self._client.indices.refresh)
        stats = self.ask(self._client.indices.stats, metric="docs")
        return int(stats["_all"]["total"]["docs"]["deleted"])

    def _set_up(self) -> None:
        """Template, first index and alias, where they are missing."""
        if self.cluster.ask(self._client.indices.exists_alias, name=self.alias):
            return
        self._put_template()
        aliases = {self.alias: {"is_write_index": True}}
        self._create(f"{self.alias}-000001", self.wanted, aliases=aliases)

    def _create(self, index: str, rollover: str, **arguments: Any) -> None:
        # Said with the index itself, for a template of the user's own may not know it; the schema is its own.
        mappings = {"_meta": told_of(self._owner, rollover)}
        try:
            self.cluster.ask(self._client.indices.create, index=index, mappings=mappings, **arguments)
        except StoreError as error:
            # Another process may have been faster.
            if "already exists" not in error.message:
                raise

    def _put_template(self) -> None:
        self.cluster.ask(
            self._client.indices.put_index_template,
            name=self.alias,
            **index_template(self.alias, self._owner, rollover=self.wanted),
        )

    def _check_schema(self, *, rebuilding: bool = False) -> None:
        self._rollover = ""
        for index, described in self._described().items():
            own = described["mappings"].get("_meta", {})
            schema = own.get("fengping_schema", 0)
            self._rollover = own.get(ROLLOVER) or self._rollover
            if self._owner and own.get("fengping_home", self._owner) != self._owner:
                raise ForeignHome(f"The index {index}", own["fengping_home"], self._owner)
            if schema > SCHEMA_VERSION:
                raise SchemaTooNew(
                    f"The index {index} was written by a newer fengping "
                    f"(schema {schema}, known {SCHEMA_VERSION}).",
                    remedy=UPGRADE,
                )
            if schema < SCHEMA_VERSION and not rebuilding:
                raise StoreError(older_schema(index, schema), remedy=REBUILD_REMEDY)
            if self._owner and "fengping_home" not in own:
                claimed = {**own, "fengping_home": self._owner}
                self.cluster.ask(self._client.indices.put_mapping, index=index, meta=claimed)

    def _described(self, **arguments: Any) -> dict[str, Any]:
        """Mappings by index."""
        asked = self._client.indices.get_mapping
        found: dict[str, Any] = self.cluster.ask(asked, index=self.alias, **arguments).body
        if not found:
            raise self.cluster.another(f"it describes no index {self.alias}")
        return found

    def _behind_alias(self) -> list[str]:
        found = list(self.cluster.ask(self._client.indices.get_alias, name=self.alias))
        if not found:  # all others are deleted
            raise self.cluster.another(f"it knows no index {self.alias}")
        return found

    def _own(self) -> list[str]:
        found = self.cluster.ask(self._client.indices.get, index=f"{self.alias}-*")
        return [index for index in found if months.is_own(index, self.alias)]

    def _drop_unfinished(self) -> None:
        own = self._own()  # before those behind the alias: a month made meanwhile is none of these
        current = self._behind_alias()
        for index in own:
            if index not in current:
                self.cluster.ask(self._client.indices.delete, index=index)
