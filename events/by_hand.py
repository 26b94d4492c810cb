"""Events merged and split by hand: written down by documents, to outlive reindexing and new models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.asking import documents_of, find
from fengping.home import Home
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.state import State


def merge(home: Home, ids: Sequence[str], now: datetime) -> None:
    """Makes one event of several from the next update on.

    Raises :class:`UsageError` for fewer than two.
    """
    if len(ids) < 2:
        raise UsageError("Two events at least make one.", remedy="Name them: fengping events merge ID ID")
    found = [find(home, id).id for id in ids]
    with State.open(home).begin() as connection:
        asked = select(tables.events.c.id, tables.events.c.founder).where(tables.events.c.id.in_(found))
        founder = {row.id: row.founder for row in connection.execute(asked)}
        first, *others = [founder[id] for id in found]
        if not set(others) - {first}:
            raise UsageError("These are one event already.")
        rows = [{"kind": "join", "document": one, "anchor": first, "at": now} for one in others]
        connection.execute(insert(tables.hands), rows)
        changes.add(connection, What.BY_HAND)


def split(home: Home, id: str, documents: Sequence[str], now: datetime) -> None:
    """Takes *documents* out of an event into one of their own from the next update on.

    Raises :class:`UsageError` for documents that are not in it, or where nothing would be left.
    """
    event = find(home, id)
    members = documents_of(home, event.id)
    if strangers := [document for document in documents if document not in members]:
        raise UsageError(f"{strangers[0]} is no document of the event {event.id}.")
    if not documents or len(set(documents)) == len(members):
        raise UsageError("Some documents must go and some stay.", remedy=f"fengping events show {event.id}")
    rows = [{"kind": "pin", "document": d, "anchor": documents[0], "at": now} for d in documents]
    with State.open(home).begin() as connection:
        connection.execute(insert(tables.hands), rows)
        changes.add(connection, What.BY_HAND)


def split_off(home: Home) -> frozenset[str]:
    """Ids of the events that hold a document which was taken out of another by hand."""
    pinned = select(tables.hands.c.document).where(tables.hands.c.kind == "pin")
    asked = select(tables.members.c.event).where(tables.members.c.document.in_(pinned)).distinct()
    with State.open(home).begin() as connection:
        return frozenset(connection.scalars(asked))
