"""The tables of events: members, summaries, ids taken over, answers, what was set by hand, progress."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Connection, DateTime, Index, Integer, MetaData, String, Table, Text

_tables = MetaData()

_members = Table(
    "event_members",
    _tables,
    Column("document", String(32), primary_key=True),
    Column("event", String(16), nullable=False, index=True),
    Column("published_at", DateTime),
    Column("part", Integer, nullable=False),
    Column("parties", String(255), nullable=False),
    Column("publisher", String(16), nullable=False),
)
Index("event_members_parties", _members.c.parties, _members.c.published_at)
Table(
    "events",
    _tables,
    Column("id", String(16), primary_key=True),
    Column("founder", String(32), nullable=False),
    Column("title", String(120), nullable=False),
    Column("first_at", DateTime),
    Column("last_at", DateTime, index=True),
    Column("documents", Integer, nullable=False),
    Column("charges", Integer, nullable=False, index=True),
    Column("trade", Integer, nullable=False),
    Column("publishers", Integer, nullable=False),
    Column("parties", String(255), nullable=False),
    Column("status", String(16), nullable=False),
    Column("history", Text, nullable=False),
)
Table(
    "event_aliases",
    _tables,
    Column("old", String(16), primary_key=True),
    Column("new", String(16), nullable=False),
)
Table(
    "event_answers",
    _tables,
    Column("event", String(16), primary_key=True),
    Column("document", String(32), primary_key=True),
)
Table(
    "event_hands",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("document", String(32), nullable=False, index=True),
    Column("anchor", String(32), nullable=False),
    Column("at", DateTime, nullable=False),
)
Table(
    "event_progress",
    _tables,
    Column("store", String(255), primary_key=True),
    Column("since", DateTime),
    Column("sketches", Integer, nullable=False),
    Column("links", BigInteger, nullable=False),
)


def up(connection: Connection) -> None:
    _tables.create_all(connection)
