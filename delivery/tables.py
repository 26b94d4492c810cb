"""Tables of the outbox: messages, what still has to go where, and every attempt."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from fengping.state import Moment, metadata

messages = Table(
    "delivery_messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("record", JSON, nullable=False),
)

contents = Table(
    "delivery_contents",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Bytes of attachments, once each: the file a report was written to may change before it is sent."""

outbox = Table(
    "delivery_outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", String(32), nullable=False),
    Column("channel", String(128), nullable=False),
    Column("address", String(512), nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("status", String(16), nullable=False),  # waiting, claimed, accepted, dead
    Column("attempts", Integer, nullable=False),
    Column("since", Moment, nullable=False),  # enqueued, or taken up again by hand
    Column("meant_at", Moment, nullable=False),  # enqueued, or when the hours of its route began
    Column("due_at", Moment, nullable=False),  # of a claimed row: when the claim ends
    Column("claim", String(32), nullable=False),
    Column("reply", Text, nullable=False),
    Column("settled_at", Moment),
    UniqueConstraint("message", "channel", "address"),
    Index("ix_delivery_outbox_due", "channel", "status", "due_at"),
)

attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", String(32), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("channel", String(128), nullable=False),
    Column("address", String(512), nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),  # unknown until the answer is written down
    Column("reply", Text, nullable=False),
    Column("seconds", Float),
)
