"""Troubles of the schedule that are over, for whoever looks in the morning."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "schedule_troubles_over",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("key", String(128), nullable=False),
    Column("since", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("sentence", Text, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
