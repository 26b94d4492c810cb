"""Tables of the state database: accounts, their sessions, and what was written by whom."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from fengping.state import Moment, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", String(255), nullable=False),
    Column("role", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
)

sessions = Table(
    "account_sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("account", String(64), nullable=False, index=True),
    Column("until", Moment, nullable=False),
)
"""``token`` is a hash; who reads the database cannot sign in with it."""

guesses = Table(
    "account_guesses",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("until", Moment, nullable=False),
)
"""Wrong passwords by what they count for, and until when the next one waits."""

audit = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("target", String(255), nullable=False),
    Column("detail", Text, nullable=False),
)
