"""Accounts of the console, their sessions, and the log of what was written."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, Text

_tables = MetaData()

Table(
    "accounts",
    _tables,
    Column("name", String(64), primary_key=True),
    Column("hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("made_at", DateTime, nullable=False),
)
Table(
    "account_sessions",
    _tables,
    Column("token", String(64), primary_key=True),
    Column("account", String(64), nullable=False, index=True),
    Column("until", DateTime, nullable=False),
)
Table(
    "audit_log",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("target", String(255), nullable=False),
    Column("detail", Text, nullable=False),
)
Table(
    "label_sample",
    _tables,
    Column("document", String(32), primary_key=True),
    Column("by", String(64), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("judged", String(8), nullable=False),
    Column("said", String(8), nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
