"""Saved queries: the text of a query under a name, in the state of a home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, String, Table, Text, delete, insert, select, update

from fengping.clock import iso
from fengping.home import Home
from fengping.state import Moment, State, metadata

_table = Table(
    "saved_queries",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One of them."""

    name: str
    text: str
    note: str
    saved_at: datetime

    def to_record(self) -> dict[str, Any]:
        """As JSON, its time in Chinese time."""
        return {"name": self.name, "query": self.text, "note": self.note, "saved_at": iso(self.saved_at)}


class SavedQueries:
    """Those of one home."""

    def __init__(self, home: Home) -> None:
        self._state = State.open(home)

    def all(self) -> list[SavedQuery]:
        """All of them, by name."""
        with self._state.begin() as connection:
            rows = connection.execute(select(_table).order_by(_table.c.name)).all()
        return [SavedQuery(row.name, row.text, row.note, row.saved_at) for row in rows]

    def put(self, query: SavedQuery) -> None:
        """Saves *query*, in the place of one of the same name."""
        with self._state.begin() as connection:
            connection.execute(delete(_table).where(_table.c.name == query.name))
            connection.execute(
                insert(_table).values(
                    name=query.name, text=query.text, note=query.note, saved_at=query.saved_at
                )
            )

    def rename(self, connection: Connection, was: str, name: str, texts: Mapping[str, str]) -> None:
        """Calls the query *was* *name*, and puts *texts* in the place of those of other queries."""
        for other, text in texts.items():
            connection.execute(update(_table).where(_table.c.name == other).values(text=text))
        connection.execute(update(_table).where(_table.c.name == was).values(name=name))

    def remove(self, name: str) -> bool:
        """Remove the one of that name; false where there was none."""
        with self._state.begin() as connection:
            return connection.execute(delete(_table).where(_table.c.name == name)).rowcount > 0
