"""The tables of the outbox: messages, where they still have to go, every attempt, and the robots' pace."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

_tables = MetaData()

Table(
    "delivery_messages",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("record", JSON, nullable=False),
)
Table(
    "delivery_contents",
    _tables,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
Table(
    "delivery_outbox",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("message", String(32), nullable=False),
    Column("channel", String(128), nullable=False),
    Column("address", String(512), nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", DateTime, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("claim", String(32), nullable=False),
    Column("reply", Text, nullable=False),
    Column("settled_at", DateTime),
    UniqueConstraint("message", "channel", "address"),
    Index("ix_delivery_outbox_due", "channel", "status", "due_at"),
)
Table(
    "delivery_attempts",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("message", String(32), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("channel", String(128), nullable=False),
    Column("address", String(512), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reply", Text, nullable=False),
    Column("seconds", Float),
)
Table(
    "delivery_robots",
    _tables,
    Column("id", String(64), primary_key=True),
    Column("taken", JSON, nullable=False),
    Column("rest_until", DateTime),
    Column("failures", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)


def up(connection: Connection) -> None:
    """Makes the tables that are missing."""
    _tables.create_all(connection)
