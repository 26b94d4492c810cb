"""Sums of the files of editions, to know one that was changed beside the archive."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table

_tables = MetaData()

Table(
    "edition_sums",
    _tables,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("hash", String(64), nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
