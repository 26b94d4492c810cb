"""The archive of reports: editions, and what reviewers changed in them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Connection, DateTime, Integer, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "editions",
    _tables,
    Column("number", String(128), primary_key=True),
    Column("series", String(120), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("title", String(255), nullable=False),
    Column("issuer", String(120), nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("base", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reviewed_by", String(64), nullable=False),
    Column("reviewed_at", DateTime),
    Column("signed_by", String(64), nullable=False),
    Column("signed_at", DateTime),
    Column("sent_at", DateTime),
    Column("sealed", Boolean, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("changes", Text, nullable=False),
)
Table(
    "edition_edits",
    _tables,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("series", String(120), nullable=False, index=True),
    Column("action", String(8), nullable=False),
    Column("target", String(255), nullable=False),
    Column("text", Text, nullable=False),
    Column("edited_by", String(64), nullable=False),
    Column("edited_at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
