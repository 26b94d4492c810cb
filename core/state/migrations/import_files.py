"""Files that were imported, by their content."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table

_files = Table(
    "import_files",
    MetaData(),
    Column("digest", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("file", String(255), nullable=False),
    Column("at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _files.create(connection)
