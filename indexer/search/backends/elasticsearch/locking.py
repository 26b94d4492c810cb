"""The lock of a rebuild in the cluster: an index without documents, whose description names the holder."""

from __future__ import annotations

import os
import platform
from typing import Any

import psutil

from fengping.errors import HomeBusy, StoreError
from fengping.indexer.search.backends.elasticsearch.client import Cluster


class RebuildLock:
    """One rebuild of an index at a time, from whatever machine.

    Its own process may begin anew. The lock of a dead process of this machine is taken over; that of
    another machine is left to a person.
    """

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self._cluster = cluster
        self._indices = cluster.client.indices
        self.index = f"{alias}-rebuild"

    def take(self) -> None:
        """Raises :class:`HomeBusy` where another process rebuilds the index."""
        holder = self._holder()
        if holder is not None and holder != _self() and not _is_dead(holder):
            raise self._busy(holder)
        if holder is not None:
            self.release()
        mappings = {"_meta": _self(), "dynamic": False}
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "hidden": True}
        try:
            self._cluster.ask(self._indices.create, index=self.index, mappings=mappings, settings=settings)
        except StoreError as error:
            if "already exists" not in error.message:
                raise
            raise self._busy(self._holder() or {}) from None

    def check(self) -> None:
        """Raises :class:`HomeBusy` where the lock is no longer this process's."""
        if (holder := self._holder()) != _self():
            raise self._busy(holder or {})

    def release(self) -> None:
        """Lets others rebuild."""
        self._cluster.ask(self._indices.delete, index=self.index, ignore_unavailable=True)

    def _holder(self) -> dict[str, Any] | None:
        found = self._cluster.ask(self._indices.get, index=self.index, ignore_unavailable=True)
        for described in found.values():
            return dict(described["mappings"].get("_meta", {}))
        return None

    def _busy(self, holder: dict[str, Any]) -> HomeBusy:
        who = f"Process {holder.get('process', '?')} on {holder.get('machine', '?')}"
        return HomeBusy(
            f"{who} rebuilds this index.",
            remedy=f"Wait until it has ended. If it is dead, delete the index {self.index} and run again.",
        )


def _self() -> dict[str, Any]:
    process = psutil.Process(os.getpid())
    return {"machine": platform.node(), "process": process.pid, "started": str(process.create_time())}


def _is_dead(holder: dict[str, Any]) -> bool:
    if holder.get("machine") != platform.node():
        return False
    try:
        return str(psutil.Process(int(holder["process"])).create_time()) != str(holder["started"])
    except psutil.NoSuchProcess:
        return True
