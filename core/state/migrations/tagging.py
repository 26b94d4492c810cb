"""Tags and notes on documents and events."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "tags",
    _tables,
    Column("document_id", String(32), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("event", String(16), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("made_at", DateTime, nullable=False),
)
Table(
    "event_tags",
    _tables,
    Column("event", String(16), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("made_at", DateTime, nullable=False),
)
Table("tags_waiting", _tables, Column("document_id", String(32), primary_key=True))
Table(
    "notes",
    _tables,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),
    Column("subject", String(32), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("by", String(128), nullable=False),
    Column("made_at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
