"""Asks, before an update of events begins, whether there is anything for it.

An update takes the right to write to the store, which one process alone may have, and which leaves a mark in
it: one with nothing to do takes none.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from fengping.events import tables
from fengping.events.building.opening import CONSUMER, is_unbuilt
from fengping.home import Home
from fengping.indexer import Filter, Store, arrivals, changes
from fengping.indexer.changes import Change, What
from fengping.state import State, read_meta

UNSWEPT = "events to be swept"
"""Key in the state database: whether there may be members that the book lacks."""


def is_idle(home: Home, store: Store, state: State) -> bool:
    """True if events are as an update would leave them."""
    empty = not store.count(Filter())
    with state.begin() as connection:
        if empty and connection.execute(select(tables.members.c.document).limit(1)).first() is None:
            return True
        marked = "event" not in store.lost
        return marked and not is_unbuilt(home, connection) and is_whole(connection)


def is_whole(connection: Connection) -> bool:
    """True if the last update, on whichever machine, left nothing for another one."""
    return (
        changes.unread(connection, CONSUMER) == []
        and arrivals.complete(connection)
        and read_meta(connection, UNSWEPT) != "1"
    )


def reads_all(home: Home, connection: Connection) -> bool:
    """True if an update by this machine would read every document, or every event; asked while none is at
    work."""
    found = changes.unread(connection, CONSUMER)
    return is_unbuilt(home, connection) or found is None or comes_anew(connection, found)


def comes_anew(connection: Connection, found: Sequence[Change]) -> bool:
    """True if by the changes *found* every document came again, and all are there."""
    return any(one.what == What.ALL for one in found) and not changes.waiting(connection, What.ALL)
