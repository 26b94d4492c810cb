"""Ids of forgotten documents, for the other machines of a deployment."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, DateTime, Integer, MetaData, String, Table

_tables = MetaData()

Table(
    "forgotten_documents",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("document_id", String(32), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("keep_printed", Boolean, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
