"""The list of documents that were judged anew where they stand."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table

_tables = MetaData()

Table("judged_anew", _tables, Column("document_id", String(32), primary_key=True))


def up(connection: Connection) -> None:
    """Makes the table."""
    _tables.create_all(connection)
