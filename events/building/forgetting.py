"""Documents taken out of every trace that events keep of them, at once."""

from __future__ import annotations

from collections.abc import Collection

from fengping.events import tables
from fengping.events.building.chunks import delete_those
from fengping.events.building.naming import number_of
from fengping.events.building.opening import answered_by, event_lock, open_book, remember, stored_events
from fengping.home import Home
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.state import State


def forget(home: Home, ids: Collection[str]) -> int:
    """Takes documents out of every trace that events keep of them; how many were there."""
    with event_lock(home) as tenure:
        state = tenure.state(State.open(home))
        with state.begin() as connection:
            event_of = stored_events(connection, ids)
            answered = answered_by(connection, ids)
            for table in (tables.members, tables.answers, tables.hands):
                delete_those(connection, table.c.document, ids)
            if not event_of and not answered:
                return 0
            book = open_book(home, connection)
            slots = book.find(list(event_of))
            book.without(slots[slots >= 0])
            book.free(number_of(event) for event in answered)
            # Titles and sentences may be theirs: written again from what is left by the next update.
            for column in tables.OWN:
                delete_those(connection, column, {*event_of.values(), *answered})
            remember(connection, home, book)
            changes.add(connection, What.BY_HAND)
        return len(event_of)
