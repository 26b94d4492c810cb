"""Documents that bear the token of the lease under which they were written.

A new one bears it at the head of its version, and the cluster refuses a version that is lower than the stored
one. One that is there is written where nobody has written it since it was read, and bears the token in a
field, at which whoever reads it looks first. So a process whose lease has gone to another one overwrites
nothing that the other has written, however late its request arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fengping.errors import HomeBusy
from fengping.indexer.search.backends.elasticsearch.client import Action

TOKEN = "fence"
"""Field of a stored document, in no mapping: the highest token under which it was written."""
_ROOM = 24
"""Bits below the token: 16 million writes and partial updates under one lease."""


class Fence:
    """The versions of one holder's writes; without a token the cluster counts them itself."""

    def __init__(self, token: int) -> None:
        self.token = token
        self._version = token << _ROOM

    def actions(
        self, entries: Mapping[str, Mapping[str, Any]], stored: Mapping[str, Mapping[str, Any]]
    ) -> list[Action]:
        """Bulk actions that index *entries* by id: in place of hits in *stored*, unless these were written
        since, and the others at a version above all before."""
        self._version += 1
        mine = {"version": self._version, "version_type": "external_gte"} if self.token else {}
        return [
            {
                "_op_type": "index",
                "_id": id,
                **(_unchanged_since(stored[id]) if id in stored else mine),
                "_source": self._marked(entry, stored.get(id)),
            }
            for id, entry in entries.items()
        ]

    def _marked(self, entry: Mapping[str, Any], hit: Mapping[str, Any] | None) -> Action:
        token = self.token or (hit["_source"].get(TOKEN, 0) if hit else 0)
        return {**entry, TOKEN: token} if token else dict(entry)

    def pass_by(self, hits: Iterable[Mapping[str, Any]]) -> None:
        """Goes above the versions of *hits*, read with their :data:`TOKEN`.

        Raises :class:`HomeBusy` where one is of a later lease.
        """
        for hit in hits if self.token else ():
            if max(hit["_version"] >> _ROOM, hit["_source"].get(TOKEN, 0)) > self.token:
                raise HomeBusy(
                    "Another process has taken over the index and written to it since.",
                    remedy="Nothing is lost or doubled; what this one had not finished, the other does.",
                )
            self._version = max(self._version, hit["_version"])


def _unchanged_since(hit: Mapping[str, Any]) -> dict[str, int]:
    return {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
