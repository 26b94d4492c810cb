"""Cursors: the journal position that each store has reached, and work a killed run left half done.

One load goes in three steps, each durable before the next begins: group it; note which *earlier* documents
changed their group, and how long the log of the groups was then; put the load and those changes into the
store and move the cursor. A run that dies while grouping leaves a log longer than was noted: what stands
behind the note is cut off and comes again with the load. One that dies later left the changes it noted.

A state database may forget its last transactions with the power, never one before them: the note and the
length stand in one, so they are lost together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from fengping.home import Home
from fengping.indexer.journal import Position
from fengping.indexer.journal.opening import open_journal
from fengping.indexer.search.backends.opening import place_of, without_password
from fengping.state import State, metadata, upsert

positions = Table(
    "index_positions",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("file", String(16), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("arrived", BigInteger, nullable=False),
)

regroups = Table(
    "index_regroups",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("group", String(32), nullable=False),
    Column("first_in_group", Boolean, nullable=False),
)

grouped = Table(
    "index_grouped",
    metadata,
    Column("log", String(32), primary_key=True),
    Column("documents", Integer, nullable=False),
)
"""Records of a log of repost groups whose effects are noted, or told to the store already."""

addresses = Table(
    "index_addresses",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("url", String(255), nullable=False),
    Column("cluster", String(64), nullable=False, server_default=""),
)
"""Addresses at which stores were last reached that are known by another name than their URL, and
the clusters there; empty for one that was not noted yet."""

_OF_A_STORE = (positions, regroups)

Regroups = Mapping[str, tuple[str, bool]]
"""``id -> (group, first_in_group)``, as :meth:`~fengping.indexer.groups.grouping.Groups.add` gives it."""


def other_stores(connection: Connection, store: str) -> list[str]:
    """URLs of the stores that the journal was ever read into, but for that which *store* names."""
    found = positions.outerjoin(addresses, positions.c.store == addresses.c.store)
    url = func.coalesce(addresses.c.url, positions.c.store)
    others = positions.c.store != place_of(store), ~positions.c.store.startswith("rebuild of ")
    asked = select(url).select_from(found).where(*others)
    return sorted(connection.scalars(asked.distinct()))


class StoredCursor:
    """The cursor of one store in the state database; each method is given a transaction."""

    def __init__(self, store: str) -> None:
        self.store = place_of(store)
        self._url = without_password(store)

    def settle(self, connection: Connection, cluster: str, *, empty: bool) -> bool:
        """Notes where the store is reached. True where it is another one than before, as the same alias in
        another *cluster* is: what is known of the one there was is kept under its URL, what is known of this
        one holds again. One of which the cluster was not noted yet is another where it is *empty*."""
        if self.store == self._url:
            return False
        noted = select(addresses.c.url, addresses.c.cluster).where(addresses.c.store == self.store)
        known = connection.execute(noted).one_or_none()
        upsert(connection, addresses, {"store": self.store}, {"url": self._url, "cluster": cluster})
        if known is None or (
            known.cluster == cluster if known.cluster else known.url == self._url or not empty
        ):
            return False
        if known.url == self._url:  # the same nodes, which know nothing of what they held
            self.clear(connection)
        else:
            self._under(known.url).adopt(connection, self)
            self.adopt(connection, self._under(self._url))
        return True

    def _under(self, url: str) -> StoredCursor:
        """The cursor of a store that is kept under its URL."""
        found = StoredCursor(url)
        found.store = url
        return found

    def load(self, connection: Connection) -> dict[str, Position]:
        rows = connection.execute(select(positions).where(positions.c.store == self.store))
        return {row.file: Position(row.offset, row.lines, row.done, row.arrived) for row in rows}

    def regroups(self, connection: Connection) -> dict[str, tuple[str, bool]]:
        rows = connection.execute(select(regroups).where(regroups.c.store == self.store))
        return {row.id: (row.group, row.first_in_group) for row in rows}

    def told(self, connection: Connection, log: str) -> int | None:
        """The length of a log as it was last noted; ``None`` for one that nothing is known about."""
        return connection.scalar(select(grouped.c.documents).where(grouped.c.log == log))

    def note(self, connection: Connection, changed: Regroups, log: str, documents: int) -> None:
        """Record the regroups of earlier documents, with the log's new length in *documents*."""
        self.rest(connection)
        self.note_length(connection, log, documents)
        if changed:
            connection.execute(
                insert(regroups),
                [
                    {"store": self.store, "id": id, "group": group, "first_in_group": first}
                    for id, (group, first) in changed.items()
                ],
            )

    def note_length(self, connection: Connection, log: str, documents: int) -> None:
        """Records the length of a log whose regroups are told already."""
        connection.execute(delete(grouped).where(grouped.c.log == log))
        connection.execute(insert(grouped).values(log=log, documents=documents))

    def rest(self, connection: Connection) -> None:
        """Clear pending regroups (all written)."""
        connection.execute(delete(regroups).where(regroups.c.store == self.store))

    def move(self, connection: Connection, moved: Mapping[str, Position]) -> None:
        """A load is in the store: the cursor stands behind it."""
        if not moved:
            return
        connection.execute(
            delete(positions).where(positions.c.store == self.store, positions.c.file.in_(moved))
        )
        connection.execute(
            insert(positions),
            [{"store": self.store, "file": file, **asdict(position)} for file, position in moved.items()],
        )

    def clear(self, connection: Connection) -> None:
        """As if nothing had ever been read."""
        for table in _OF_A_STORE:
            connection.execute(delete(table).where(table.c.store == self.store))

    def adopt(self, connection: Connection, other: StoredCursor) -> None:
        """Takes the place of *other*, which is then no more."""
        self.clear(connection)
        for table in _OF_A_STORE:
            connection.execute(update(table).where(table.c.store == other.store).values(store=self.store))

    def leave_logs(self, connection: Connection, log: str) -> None:
        """Forgets every log of groups but *log*."""
        connection.execute(delete(grouped).where(grouped.c.log != log))


def damaged(home: Home, *, whole: bool = False) -> dict[str, str]:
    """Parts of the journal that are not what was written, by name, with the reason; a topic is none either
    that is another than the one which the index has read."""
    journal = open_journal(home)
    if not journal.shared:
        return journal.damaged(whole=whole)  # also where the state database cannot be read
    with State.open(home).begin() as connection:
        reached = StoredCursor(home.config.store).load(connection)
    return journal.damaged(whole=whole, among=reached or None)


def pending(home: Home) -> int:
    """Bytes of journal that the index of *home* has not read yet."""
    journal = open_journal(home)  # asks the state too: not while this holds a connection
    with State.open(home).begin() as connection:
        reached = StoredCursor(home.config.store).load(connection)
    return journal.pending(reached)
