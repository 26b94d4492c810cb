"""How far the journal has gone into each store, and what a killed run left half done.

One load goes in four steps, each durable before the next begins: mark that a load is being grouped;
group it and note which *earlier* documents changed their group; put the load and those changes into
the store; move the cursor. Whatever step a run dies in, the next one knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from fengping.indexer.journal import Position
from fengping.state import metadata

positions = Table(
    "index_positions",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("file", String(16), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
)

steps = Table(
    "index_steps",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("step", String(16), nullable=False),
)

regroups = Table(
    "index_regroups",
    metadata,
    Column("store", String(255), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("group", String(32), nullable=False),
    Column("first_in_group", Boolean, nullable=False),
)

TABLES = (positions, steps, regroups)

Regroups = Mapping[str, tuple[str, bool]]
"""``id -> (group, first_in_group)``, as :meth:`~fengping.indexer.groups.Groups.add` gives it."""


class Step(StrEnum):
    """What a run was doing when it was last heard of."""

    REST = "rest"
    GROUPING = "grouping"
    """Groups may hold documents whose effect on earlier ones nobody wrote down."""
    PUTTING = "putting"
    """The changes written down may not all be in the store."""


class StoredCursor:
    """The cursor of one store in the state database; each method is given a transaction."""

    def __init__(self, store: str) -> None:
        # A password may change without the documents going anywhere.
        self.store = re.sub(r"//[^@/]*@", "//", store)[:255]

    def load(self, connection: Connection) -> dict[str, Position]:
        rows = connection.execute(select(positions).where(positions.c.store == self.store))
        return {row.file: Position(row.offset, row.lines, row.done) for row in rows}

    def step(self, connection: Connection) -> Step:
        found = connection.scalar(select(steps.c.step).where(steps.c.store == self.store))
        return Step(found) if found else Step.REST

    def regroups(self, connection: Connection) -> dict[str, tuple[str, bool]]:
        rows = connection.execute(select(regroups).where(regroups.c.store == self.store))
        return {row.id: (row.group, row.first_in_group) for row in rows}

    def begin_grouping(self, connection: Connection) -> None:
        self._set_step(connection, Step.GROUPING)

    def begin_putting(self, connection: Connection, changed: Regroups) -> None:
        self._set_step(connection, Step.PUTTING)
        connection.execute(delete(regroups).where(regroups.c.store == self.store))
        if changed:
            connection.execute(
                insert(regroups),
                [
                    {"store": self.store, "id": id, "group": group, "first_in_group": first}
                    for id, (group, first) in changed.items()
                ],
            )

    def rest(self, connection: Connection) -> None:
        """Nothing is left half done."""
        self._set_step(connection, Step.REST)
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
            [
                {"store": self.store, "file": file, "offset": p.offset, "lines": p.lines, "done": p.done}
                for file, p in moved.items()
            ],
        )

    def clear(self, connection: Connection) -> None:
        """As if nothing had ever been read."""
        for table in TABLES:
            connection.execute(delete(table).where(table.c.store == self.store))

    def adopt(self, connection: Connection, other: StoredCursor) -> None:
        """Takes the place of *other*, which is then no more."""
        self.clear(connection)
        for table in TABLES:
            connection.execute(update(table).where(table.c.store == other.store).values(store=self.store))

    def _set_step(self, connection: Connection, step: Step) -> None:
        connection.execute(delete(steps).where(steps.c.store == self.store))
        connection.execute(insert(steps).values(store=self.store, step=step.value))
