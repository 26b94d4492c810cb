"""Documents that a machine could not judge, for the others of a deployment to tell."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table

_tables = MetaData()

Table(
    "index_unjudged",
    _tables,
    Column("machine", String(255), primary_key=True),
    Column("node", String(255), nullable=False),
    Column("documents", Integer, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
