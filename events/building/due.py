"""Asks, before an update of events begins, whether there is anything for it.

An update takes the right to write to the store, which one process alone may have, and which leaves a mark in
it: one with nothing to do takes none. What is set by hand or forgotten is noted here, for it leaves no other
trace that an update could tell from what it has seen.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select

from fengping.events import tables
from fengping.events.building.opening import is_unbuilt
from fengping.home import Home
from fengping.indexer import Filter, Store, arrivals, judged_anew
from fengping.state import State, read_meta, write_meta

UNREAD = "events to be read"
"""Key in the state database: whether a run did not come to its end, and left events unread."""
UNSWEPT = "events to be swept"
"""Key in the state database: whether there may be members that the book lacks."""
_NOTED, _SEEN = "events changed by hand", "events changed by hand that an update saw"
"""Keys in the state database: a name of the latest note."""


def note(connection: Connection) -> None:
    """Notes that the next update has something to do, whatever was indexed."""
    write_meta(connection, _NOTED, secrets.token_hex(16))


def see(connection: Connection) -> None:
    """Notes that an update which begins takes in what was noted so far."""
    write_meta(connection, _SEEN, read_meta(connection, _NOTED) or "")


def is_idle(home: Home, store: Store, state: State) -> bool:
    """True if events are as an update would leave them."""
    empty = not store.count(Filter())
    with state.begin() as connection:
        if empty and connection.execute(select(tables.members.c.document).limit(1)).first() is None:
            return True
        return not is_unbuilt(home, connection) and is_whole(connection)


def is_whole(connection: Connection) -> bool:
    """True if the last update, on whichever machine, left nothing for another one."""
    ended = arrivals.ended(connection)
    return not (
        ended is None
        or ended != arrivals.whole(connection)
        or arrivals.all_wait(connection)
        or read_meta(connection, _SEEN) != (read_meta(connection, _NOTED) or "")
        or "1" in (read_meta(connection, UNREAD), read_meta(connection, UNSWEPT))
        or judged_anew.waiting(connection)
    )


def reads_all(home: Home, connection: Connection) -> bool:
    """True if an update by this machine would read every document, or every event; asked while none is at
    work."""
    return (
        is_unbuilt(home, connection)
        or (arrivals.complete(connection) and arrivals.all_wait(connection))
        or read_meta(connection, UNREAD) == "1"
    )
