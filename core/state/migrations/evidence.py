"""The table of documents on hold as evidence."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table

_tables = MetaData()

Table(
    "evidence_holds",
    _tables,
    Column("document", String(32), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("why", String(255), nullable=False),
    Column("looks", Integer, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table of holds."""
    _tables.create_all(connection)
