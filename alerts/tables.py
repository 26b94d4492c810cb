"""Tables of the state database: what fired, and what of it still has to be sent."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, Text, UniqueConstraint

from fengping.state import Moment, metadata

firings = Table(
    "alert_firings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule", String(128), nullable=False),
    Column("key", String(128), nullable=False),
    Column("fired_at", Moment, nullable=False),
    Column("count", Integer, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("message", Text, nullable=False),
    Column("acknowledged_by", String(128), nullable=False, default=""),
    Column("acknowledged_at", Moment),
    UniqueConstraint("rule", "key", "fired_at"),
)

outbox = Table(
    "alert_outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("firing", Integer, nullable=False, index=True),
    Column("channel", String(512), nullable=False),
    Column("status", String(16), nullable=False),  # pending, sent
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text, nullable=False, default=""),
    Column("sent_at", Moment),
)
