"""Contents that imports brought again."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, Integer, LargeBinary, MetaData, Table

_again = Table(
    "imported_again",
    MetaData(),
    Column("id", LargeBinary(16), primary_key=True),
    Column("fingerprint", LargeBinary(8), primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("alike", Boolean, nullable=False),
    Column("owned", Boolean, nullable=False),
    sqlite_with_rowid=False,
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _again.create(connection)
