"""Wrong passwords, counted for all processes of a home."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table

_tables = MetaData()

Table(
    "account_guesses",
    _tables,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", DateTime, nullable=False, index=True),
    Column("until", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
