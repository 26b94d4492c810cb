"""The book of a home opened as the state database knows it, and noted there; whether an update is due.

An update takes the right to write to the store, which one process alone may have, and which leaves a mark in
it: one with nothing to do takes none.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, delete, insert, select

from fengping.clock import parse_moment
from fengping.durable import write_whole
from fengping.events import tables
from fengping.events.building.book import Book
from fengping.events.building.chunks import IN, batched
from fengping.events.building.naming import number_of
from fengping.home import Home
from fengping.indexer import Filter, Store, arrivals, changes
from fengping.indexer.changes import Change, What
from fengping.indexer.search.backends.opening import place_of
from fengping.state import State, Tenure, read_meta, sole, write_meta

CONSUMER = "events"
"""Name in the change log."""
_BOOK, _LAID = "event book", "event book laid"
"""Keys in the state database: the name of the files that its lengths are of, and their last token."""
_LEFT = "events left to be built"
"""Key in the state database: since when the indexer goes on without them."""
_AT_ONCE = 100_000
UNSWEPT = "events to be swept"
"""Key in the state database: whether there may be members that the book lacks."""


def event_lock(home: Home) -> AbstractContextManager[Tenure]:
    """Holds the right to write this home's events, or raises :class:`~fengping.errors.HomeBusy`."""
    return sole(home, "events", "brings the events of this home up to date")


def folder(home: Home) -> Path:
    """Folder of a home's sketches and links."""
    return home.var / "events"


def open_book(home: Home, connection: Connection) -> Book:
    """The book as the state database knows it, else an empty one, for which all is to be read."""
    done = progress_of(home, connection)
    if done is None:
        changes.begin_anew(connection, CONSUMER)
        return Book(folder(home))
    book = Book(folder(home), done.sketches, done.links, read_meta(connection, _LAID) or "")
    if not book.events_known and len(book):
        _tell_events(connection, book)
    if book.lost:  # files that were lost or are older than the state: begin again, ids stay
        changes.begin_anew(connection, CONSUMER)
    return book


def progress_of(home: Home, connection: Connection) -> Row[Any] | None:
    """The lengths that the last update left, if this machine made it and of this store."""
    if read_meta(connection, _BOOK) not in (None, _name(home)):
        # It was another machine's: what this one has of the files is older, or none.
        return None
    asked = select(tables.progress).where(tables.progress.c.store == place_of(home.config.store))
    return connection.execute(asked).one_or_none()


def is_unbuilt(home: Home, connection: Connection) -> bool:
    """True if an update by this machine would read every document: the book is another's, or not finished."""
    return progress_of(home, connection) is None or changes.begins(connection, CONSUMER)


def leave(connection: Connection, now: datetime) -> None:
    """Notes that the events lack what was indexed, from *now* until an update of their own has ended."""
    if left_since(connection) is None:
        write_meta(connection, _LEFT, now.isoformat())


def take_up(connection: Connection) -> None:
    """Notes that they lack nothing any more."""
    if left_since(connection):
        write_meta(connection, _LEFT, "")


def left_since(connection: Connection) -> datetime | None:
    """The moment at which they were left, ``None`` once an update has ended."""
    left = read_meta(connection, _LEFT)
    return parse_moment(left) if left else None


def are_behind(home: Home) -> bool:
    """True while they are left."""
    with State.open(home).begin() as connection:
        return left_since(connection) is not None


def remember(connection: Connection, home: Home, book: Book) -> None:
    """Notes how much of the files is whole."""
    write_meta(connection, _BOOK, _name(home))
    write_meta(connection, _LAID, book.save())
    # Also of other stores: the files are of this one now.
    connection.execute(delete(tables.progress))
    values = {"store": place_of(home.config.store), "sketches": len(book), "links": book.links}
    connection.execute(insert(tables.progress).values(values))


def stored_events(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The event that the state database has of each document."""
    members = tables.members.c
    return {
        row.document: row.event
        for chunk in batched(ids, IN)
        for row in connection.execute(
            select(members.document, members.event).where(members.document.in_(chunk))
        )
    }  # fmt: skip


def founders_of(
    connection: Connection, events: Collection[str], groups: Sequence[Sequence[str]]
) -> dict[str, str]:
    """The founders of *events*, and of others that bear an id by which one of *groups* may be named."""
    asked = {*events, *(f"e{group[0][:12]}" for group in groups)}
    table = tables.events.c
    return {
        row.id: row.founder
        for chunk in batched(asked, IN)
        for row in connection.execute(select(table.id, table.founder).where(table.id.in_(chunk)))
    }


def answered_by(connection: Connection, ids: Collection[str]) -> set[str]:
    """The events that documents answer from outside."""
    answers = tables.answers.c
    return {
        event
        for chunk in batched(ids, IN)
        for event in connection.scalars(select(answers.event).where(answers.document.in_(chunk)))
    }


def _tell_events(connection: Connection, book: Book) -> None:
    # Those of an event that is not written any more are told anew, as free ones.
    written = tables.members.join(tables.events, tables.members.c.event == tables.events.c.id)
    rows = connection.execute(select(tables.members.c.document, tables.members.c.event).select_from(written))
    for chunk in batched(rows, _AT_ONCE):
        slots = book.find([row.document for row in chunk])
        numbers = np.array([number_of(row.event) for row in chunk], np.uint64)
        book.name(slots[slots >= 0], numbers[slots >= 0])


def _name(home: Home) -> str:
    """The name of the files of this machine, given to them at the first update."""
    file = folder(home) / "name"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, secrets.token_hex(16).encode())
    return file.read_text(encoding="ascii")


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
