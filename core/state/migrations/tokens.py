"""Tokens of programs that use the API."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table

_tables = MetaData()

Table(
    "api_tokens",
    _tables,
    Column("name", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("made_at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
