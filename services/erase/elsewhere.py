"""Erasure on the other machines of a deployment: each takes what was forgotten out of its own files.

The state database keeps the ids for a time, without address or text. An id is the digest of an address, so
the files of a machine are searched for ids and for addresses whose digest is one: reports, logs, side files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from fengping.analysis import canonical_url
from fengping.durable import write_whole
from fengping.erasure import noted
from fengping.erasure.traces import Traces
from fengping.home import Home
from fengping.locks import sole_process
from fengping.models import document_id
from fengping.services.sharing import is_shared
from fengping.state import State

_DONE = "forgotten"
_ADDRESS = re.compile(r"https?://[^\s\"'<>()\[\]\\，。；、！？）】》…]+")


@dataclass(frozen=True)
class Batch:
    """Documents that were forgotten elsewhere and may still stand in files of this machine."""

    ids: frozenset[str]
    keep_printed: bool


class TracesById(Traces):
    """Finds documents of which nothing but their ids is known: by these, and by addresses they are of."""

    def __init__(self, ids: Collection[str]) -> None:
        super().__init__(())
        self.ids = set(ids)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        for found in _ADDRESS.finditer(text):
            try:
                known = document_id(canonical_url(found[0].rstrip(".,;:!?"))) in self.ids
            except ValueError:
                continue
            if known:
                yield found.span()


def note(home: Home, ids: Collection[str], now: datetime, *, keep_printed: bool) -> None:
    """Has the other machines erase *ids*, and whoever prints just now look for them."""
    with State.open(home).begin() as connection:
        noted.note(connection, ids, now, keep_printed=keep_printed)


def waiting(home: Home) -> bool:
    """True if documents were forgotten that this machine has not looked for."""
    if not is_shared(home):
        return False
    with State.open(home).begin() as connection:
        return noted.last(connection) > _reached(home)


@contextmanager
def batches(home: Home) -> Iterator[list[Batch]]:
    """Batches that wait for this machine, which is done with them at the end of the block.

    Raises :class:`HomeBusy` while another process of this machine indexes, imports or erases.
    """
    with (
        sole_process(home.var / "index.lock", "writes the index of this home"),
        sole_process(home.var / "import.lock", "imports into this home"),
    ):
        with State.open(home).begin() as connection:
            query = select(noted.forgotten).where(noted.forgotten.c.number > _reached(home))
            rows = connection.execute(query).fetchall()
        found = {
            keep: frozenset(row.document_id for row in rows if row.keep_printed is keep)
            for keep in (False, True)
        }
        yield [Batch(ids, keep) for keep, ids in found.items() if ids]
        if rows:
            write_whole(home.var / _DONE, str(max(row.number for row in rows)).encode())


def _reached(home: Home) -> int:
    """Number of the last one that this machine has looked for."""
    path = home.var / _DONE
    return int(path.read_bytes()) if path.exists() else 0
