"""Cursors of journals with more than 2³¹ lines: on PostgreSQL an INTEGER holds no more."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Connection, MetaData, String, Table, insert, select

_tables = MetaData()

_positions = Table(
    "index_positions",
    _tables,
    Column("store", String(255), primary_key=True),
    Column("file", String(16), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table anew with what it holds: a few rows for each store."""
    rows = [dict(row) for row in connection.execute(select(_positions)).mappings()]
    _tables.drop_all(connection)
    _tables.create_all(connection)
    if rows:
        connection.execute(insert(_positions), rows)
