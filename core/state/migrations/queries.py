"""Saved queries."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "saved_queries",
    _tables,
    Column("name", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("saved_at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
