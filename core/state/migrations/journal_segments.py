"""The table of the journal's closed segments."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "journal_segments",
    _tables,
    Column("file", String(16), primary_key=True),
    Column("record", Text, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table of closed segments."""
    _tables.create_all(connection)
