"""The alias of a store in a cluster and the indices behind it: made, checked, rebuilt, turned over."""

from __future__ import annotations

import re
import time
from typing import Any

from fengping.errors import ForeignHome, SchemaTooNew, StoreError
from fengping.indexer.search.backends.elasticsearch.client import Address, Cluster
from fengping.indexer.search.backends.elasticsearch.locking import RebuildLock
from fengping.indexer.search.backends.elasticsearch.mapping import index_template
from fengping.indexer.search.fields import REBUILD_REMEDY, SCHEMA_REMEDY, older_schema
from fengping.indexer.search.protocol import SCHEMA_VERSION

LEASE_PAUSES = (1.0, 4.0, 10.0, 20.0, 30.0)
"""Seconds waited for leases, which are renewed every half minute."""
_EXPUNGE_FROM = "index.merge.policy.expunge_deletes_allowed"


class Indices:
    """The alias at *url*, or one index of it (*pinned*: a rebuild under way), as home *owner* uses it."""

    def __init__(self, url: str, pinned: str, owner: str) -> None:
        address = Address.parse(url)
        self.alias = address.name
        self.pinned = pinned
        self.cluster = Cluster(address)
        self._client = self.cluster.client
        self._lock = RebuildLock(self.cluster, self.alias)
        self._owner = owner
        self._ready = bool(pinned)
        self.cluster.wait_for_restarts(on=bool(pinned))

    def ask(self, request: Any, **arguments: Any) -> Any:
        """A request about our index, which is made first where it is missing."""
        if not self._ready:
            self._set_up()
            self._check_schema()
            self._ready = True
        return self.cluster.ask(request, index=self.pinned or self.alias, **arguments)

    def begin_rebuild(self, token: int) -> str:
        """The name of a new, empty index, made under the lease of rebuilds; *token*: that of the index's."""
        self._set_up()
        self._check_schema(rebuilding=True)
        self._lock.take(token)
        # Above those that are dropped as well: whoever filled one may not have noticed that it is dead.
        number = max((int(index[-6:]) for index in self._own()), default=0) + 1
        self._drop_unfinished()
        index = f"{self.alias}-{number:06}"
        self._put_template()
        self.cluster.ask(self._client.indices.create, index=index)
        self.cluster.wait_for_restarts(on=True)
        return index

    def turn_over(self, index: str) -> None:
        """Makes *index* the one behind the alias and deletes those that were; gives the lease back."""
        self._lock.check()
        removed = [{"remove_index": {"index": index}} for index in self._behind_alias()]
        added = {"add": {"index": index, "alias": self.alias}}
        self.cluster.ask(self._client.indices.update_aliases, actions=[*removed, added])
        self._lock.release()
        self.cluster.wait_for_restarts(on=False)
        self._ready = True

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
        for pause in (*LEASE_PAUSES, None):
            self.ask(self._client.indices.flush, force=True)
            self.ask(self._client.indices.forcemerge, only_expunge_deletes=True)
            left = self._deleted()
            if not left or pause is None:
                break
            time.sleep(pause)
        self.ask(self._client.indices.put_settings, settings={_EXPUNGE_FROM: None})
        return not left

    def _deleted(self) -> int:
        self.ask(self._client.indices.refresh)
        stats = self.ask(self._client.indices.stats, metric="docs")
        return int(stats["_all"]["total"]["docs"]["deleted"])

    def _set_up(self) -> None:
        """Template, first index and alias, where they are missing."""
        if self.cluster.ask(self._client.indices.exists_alias, name=self.alias):
            return
        self._put_template()
        try:
            self.cluster.ask(
                self._client.indices.create, index=f"{self.alias}-000001", aliases={self.alias: {}}
            )
        except StoreError as error:
            # Another process may have been faster.
            if "already exists" not in error.message:
                raise

    def _put_template(self) -> None:
        self.cluster.ask(
            self._client.indices.put_index_template,
            name=self.alias,
            **index_template(self.alias, self._owner),
        )

    def _check_schema(self, *, rebuilding: bool = False) -> None:
        found = self.cluster.ask(self._client.indices.get_mapping, index=self.alias).body
        if not found:
            raise self.cluster.another(f"it describes no index {self.alias}")
        for index, described in found.items():
            meta = described["mappings"].get("_meta", {})
            schema = meta.get("fengping_schema", 0)
            if self._owner and meta.get("fengping_home", self._owner) != self._owner:
                raise ForeignHome(f"The index {index}", meta["fengping_home"], self._owner)
            if schema > SCHEMA_VERSION:
                raise SchemaTooNew(
                    f"The index {index} was written by a newer fengping "
                    f"(schema {schema}, known {SCHEMA_VERSION}).",
                    remedy=SCHEMA_REMEDY,
                )
            if schema < SCHEMA_VERSION and not rebuilding:
                raise StoreError(older_schema(index, schema), remedy=REBUILD_REMEDY)
            if self._owner and "fengping_home" not in meta:
                claimed = {**meta, "fengping_home": self._owner}
                self.cluster.ask(self._client.indices.put_mapping, index=index, meta=claimed)

    def _behind_alias(self) -> list[str]:
        found = list(self.cluster.ask(self._client.indices.get_alias, name=self.alias))
        if not found:  # all others are deleted
            raise self.cluster.another(f"it knows no index {self.alias}")
        return found

    def _own(self) -> list[str]:
        found = self.cluster.ask(self._client.indices.get, index=f"{self.alias}-*")
        return [index for index in found if re.fullmatch(rf"{re.escape(self.alias)}-\d{{6}}", index)]

    def _drop_unfinished(self) -> None:
        current = self._behind_alias()
        for index in self._own():
            if index not in current:
                self.cluster.ask(self._client.indices.delete, index=index)
