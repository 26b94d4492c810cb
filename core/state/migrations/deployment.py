"""The tables of a deployment: leases with fencing tokens, and the files that its machines share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, DateTime, LargeBinary, MetaData, String, Table

_tables = MetaData()

Table(
    "leases",
    _tables,
    Column("name", String(64), primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
Table(
    "deployment_files",
    _tables,
    Column("name", String(255), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("changed_at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the tables."""
    _tables.create_all(connection)
