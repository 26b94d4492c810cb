"""Versions of documents that begin with the token of the lease under which they were written.

The cluster refuses a version that is lower than the stored one. So a process whose lease has gone to another
one overwrites nothing that the other has written, however late its request arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fengping.errors import HomeBusy
from fengping.indexer.search.backends.elasticsearch.client import Action

_ROOM = 24
"""Bits below the token: 16 million writes and partial updates under one lease."""


class Fence:
    """The versions of one holder's writes; without a token the cluster counts them itself."""

    def __init__(self, token: int) -> None:
        self.token = token
        self._version = token << _ROOM

    def actions(self, entries: Mapping[str, Mapping[str, Any]]) -> list[Action]:
        """Bulk actions that index *entries* by id, at a version above all before."""
        if not self.token:
            return [{"_op_type": "index", "_id": id, "_source": dict(one)} for id, one in entries.items()]
        self._version += 1
        mine = {"version": self._version, "version_type": "external_gte"}
        return [{"_op_type": "index", "_id": id, **mine, "_source": dict(one)} for id, one in entries.items()]

    def pass_by(self, hits: Iterable[Mapping[str, Any]]) -> None:
        """Goes above the versions of *hits*. Raises :class:`HomeBusy` where one is of a later lease."""
        for hit in hits if self.token else ():
            if hit["_version"] >> _ROOM > self.token:
                raise HomeBusy(
                    "Another process has taken over the index and written to it since.",
                    remedy="Nothing is lost or doubled; what this one had not finished, the other does.",
                )
            self._version = max(self._version, hit["_version"])
