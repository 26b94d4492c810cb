"""The table of documents drawn for an analyst to label."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, DateTime, Float, Integer, MetaData, String, Table

_tables = MetaData()

Table(
    "drawn",
    _tables,
    Column("document_id", String(32), primary_key=True),
    Column("drawn_at", DateTime, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("probability", Float, nullable=False),
    Column("found", Boolean, nullable=False),
    Column("check", Boolean, nullable=False),
    Column("model", String(512), nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
