"""Troubles of single machines of a deployment, for the one that runs the schedule."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, DateTime, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "machine_troubles",
    _tables,
    Column("machine", String(255), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("grave", Boolean, nullable=False),
    Column("sentence", Text, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
