"""Tables by which machines of a deployment know of each other: judges, editions, work of consoles."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

_tables = MetaData()

Table(
    "judge_files",
    _tables,
    Column("name", String(255), primary_key=True),
    Column("digest", String(32), nullable=False),
)
Table(
    "edition_files",
    _tables,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("hash", String(64), nullable=False),
)
Table(
    "edition_parts",
    _tables,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
Table(
    "console_works",
    _tables,
    Column("id", String(16), primary_key=True),
    Column("title", Text, nullable=False),
    Column("here", String(255), nullable=False),
    Column("begun", DateTime, nullable=False),
    Column("record", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("until", BigInteger, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the tables."""
    _tables.create_all(connection)
