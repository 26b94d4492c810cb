"""Imports by their numbers, so that one can be undone."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Connection, DateTime, Integer, MetaData, String, Table

_runs = Table(
    "import_runs",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("files", JSON, nullable=False),
    Column("segments", JSON, nullable=False),
    Column("undone_at", DateTime),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _runs.create(connection)
