"""The lease of a rebuild in the cluster: an index without documents, whose description names the holder.

The holder counts up a number there for as long as it is at work. A cluster tells no time, so another process
watches that number by its own clock.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from contextlib import suppress
from typing import Any

import psutil

from fengping.errors import FengpingError, HomeBusy, StoreError
from fengping.indexer.search.backends.elasticsearch.client import Cluster
from fengping.progress import Remark, emit

LEASE, BEAT = 20.0, 4.0


class RebuildLock:
    """One rebuild of an index at a time, from whatever machine.

    Its own process may begin anew. That of a dead process is taken over: one of this machine that is gone,
    one whose token of the index's lease is lower than ours, one whose number stands still for :data:`LEASE`
    seconds. Whoever lost it so turns over nothing.
    """

    def __init__(self, cluster: Cluster, alias: str) -> None:
        self._cluster = cluster
        self._indices = cluster.client.indices
        self.index = f"{alias}-rebuild"
        self._mine: dict[str, Any] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, token: int) -> None:
        """Raises :class:`HomeBusy` where another process rebuilds the index."""
        self.rest()
        holder = self._holder()
        if holder is not None:
            if not _is_this_process(holder):
                if not self._is_dead(holder, token):
                    raise self._busy(holder)
                emit(
                    Remark(
                        f"The rebuild of {_who(holder)} has died; this one begins anew without what it left."
                    )
                )
            self._delete()
        self._mine = {**_self(), "token": token, "taking": secrets.token_hex(8), "beat": 0}
        mappings = {"_meta": self._mine, "dynamic": False}
        settings = {"number_of_shards": 1, "number_of_replicas": 0, "hidden": True}
        try:
            self._cluster.ask(self._indices.create, index=self.index, mappings=mappings, settings=settings)
        except StoreError as error:
            if "already exists" not in error.message:
                raise
            raise self._busy(self._holder() or {}) from None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, args=(self._over,), name="rebuild", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises :class:`HomeBusy` where the lease is no longer ours."""
        holder = self._holder()
        if not self._is_ours(holder):
            raise self._busy(holder or {})

    def release(self) -> None:
        """Lets others rebuild."""
        self.rest()
        self._delete()

    def rest(self) -> None:
        """Shows no further sign of life: a rebuild that did not end is anybody's after a while."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def holder(self) -> str:
        """Process and machine that began a rebuild which has not ended; empty for none."""
        found = self._holder()
        return "" if found is None else _who(found)

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(BEAT):
            with suppress(FengpingError):  # a cluster that does not answer shows nobody that we stand still
                if not self._is_ours(self._holder()):
                    return
                self._mine["beat"] += 1
                self._cluster.ask(self._indices.put_mapping, index=self.index, meta=self._mine)

    def _is_ours(self, holder: dict[str, Any] | None) -> bool:
        return holder is not None and holder.get("taking") == self._mine.get("taking", "")

    def _is_dead(self, holder: dict[str, Any], token: int) -> bool:
        if holder.get("machine") == platform.node():
            return _is_gone(holder)
        if 0 < holder.get("token", 0) < token:
            return True
        # An older version counts nothing.
        return "beat" in holder and self._stands_still(holder)

    def _stands_still(self, holder: dict[str, Any]) -> bool:
        emit(Remark(f"{_who(holder)} began a rebuild; for {LEASE:.0f} seconds it may show that it lives."))
        deadline = time.monotonic() + LEASE
        while time.monotonic() < deadline:
            time.sleep(min(1.0, LEASE / 10))
            if (found := self._holder()) != holder:
                return found is None
        return True

    def _holder(self) -> dict[str, Any] | None:
        found = self._cluster.ask(self._indices.get, index=self.index, ignore_unavailable=True)
        for described in found.values():
            return dict(described["mappings"].get("_meta", {}))
        return None

    def _delete(self) -> None:
        self._cluster.ask(self._indices.delete, index=self.index, ignore_unavailable=True)

    def _busy(self, holder: dict[str, Any]) -> HomeBusy:
        if "beat" in holder:
            return HomeBusy(
                f"{_who(holder)} rebuilds this index.",
                remedy="Wait until it has ended. If it dies, fengping reindex begins anew.",
            )
        return HomeBusy(
            f"{_who(holder)} rebuilds this index.",
            remedy=f"Wait until it has ended. If it is dead, delete the index {self.index} and run again.",
        )


def _who(holder: dict[str, Any]) -> str:
    return f"Process {holder.get('process', '?')} on {holder.get('machine', '?')}"


def _self() -> dict[str, Any]:
    process = psutil.Process(os.getpid())
    return {"machine": platform.node(), "process": process.pid, "started": str(process.create_time())}


def _is_this_process(holder: dict[str, Any]) -> bool:
    return all(holder.get(name) == value for name, value in _self().items())


def _is_gone(holder: dict[str, Any]) -> bool:
    try:
        return str(psutil.Process(int(holder["process"])).create_time()) != str(holder["started"])
    except psutil.NoSuchProcess:
        return True
