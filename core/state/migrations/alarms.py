"""Alarms with states, silences and changes; what waited in the old outbox moves to the one of delivery."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.schema import CreateColumn

_tables = MetaData()

Table(
    "alert_states",
    _tables,
    Column("rule", String(128), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("since", DateTime),
    Column("fired_at", DateTime),
    Column("began_at", DateTime),
    Column("base", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("need", Float, nullable=False),
    Column("classes", JSON, nullable=False),
    Column("events", JSON, nullable=False),
    Column("official", Boolean, nullable=False),
)
Table(
    "alert_changes",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("rule", String(128), nullable=False),
    Column("key", String(128), nullable=False, index=True),
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("firing", Integer),
)
Table(
    "alert_silences",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("matcher", JSON, nullable=False),
    Column("author", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("begins_at", DateTime, nullable=False),
    Column("ends_at", DateTime, nullable=False),
    Column("until_doubled", Boolean, nullable=False),
    Column("ended_at", DateTime),
)
Table(
    "alert_arrivals",
    _tables,
    Column("rule", String(128), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("until", DateTime, nullable=False),
    Column("late", Integer, nullable=False),
    Column("undated", Integer, nullable=False),
)
Table(
    "alert_marks",
    _tables,
    Column("name", String(64), primary_key=True),
    Column("at", DateTime, nullable=False),
)

_FURTHER: tuple[Column[Any], ...] = (
    Column("cause", String(16), nullable=False, server_default="first"),
    Column("need", Float, nullable=False, server_default="0"),
    Column("usual", Float),
    Column("before", Integer, nullable=False, server_default="0"),
    Column("began_at", DateTime),
    Column("told", String(16), nullable=False, server_default="told"),
    Column("letter", String(512), nullable=False, server_default=""),
    Column("facts", JSON),
    Column("passed", JSON),
)
_KNOWN = ("stdout", "file")


def up(connection: Connection) -> None:
    """Makes what is missing and moves what is pending; the old outbox goes."""
    _tables.create_all(connection)
    there = {column["name"] for column in inspect(connection).get_columns("alert_firings")}
    for column in _FURTHER:
        if column.name not in there:
            declared = CreateColumn(column).compile(connection)
            connection.execute(text(f"ALTER TABLE alert_firings ADD COLUMN {declared}"))
    if inspect(connection).has_table("alert_outbox"):
        _move_pending(connection)
        connection.execute(text("DROP TABLE alert_outbox"))


def _move_pending(connection: Connection) -> None:
    """A channel with an address becomes a name that delivery.toml lacks: a dead letter, to be retried."""
    names = ("alert_firings", "alert_outbox", "delivery_messages", "delivery_outbox")
    found = MetaData()
    found.reflect(connection, only=names)
    fired, old, messages, outbox = (found.tables[name] for name in names)
    pending = (
        select(fired, old.c.channel).join(old, old.c.firing == fired.c.id).where(old.c.status == "pending")
    )
    put: set[str] = set()
    for row in connection.execute(pending).fetchall():
        key = f"alarm {row.rule} {row.key} {row.fired_at:%Y-%m-%dT%H:%M:%S}"
        id = hashlib.sha256(key.encode()).hexdigest()[:32]
        if id not in put:
            put.add(id)
            values = {"id": id, "at": row.fired_at, "record": _record(key, id, row.message)}
            connection.execute(insert(messages).values(values))
        connection.execute(insert(outbox).values(
            message=id, channel=_name(row.channel), address="", urgency=1, status="waiting", attempts=0,
            since=row.fired_at, due_at=row.fired_at, claim="", reply="",
        ))  # fmt: skip


def _name(channel: str) -> str:
    kind, _, address = channel.partition(":")
    return kind if kind in _KNOWN else address.removeprefix("$") if address.startswith("$") else "webhook"


def _record(key: str, id: str, message: str) -> dict[str, Any]:
    subject, _, rest = message.partition("\n")
    return {
        "key": key, "id": id, "subject": subject or key, "lines": rest.splitlines(), "body": "", "plain": "",
        "html": "", "link": "", "severity": "warning", "thread": "", "labels": {}, "attachments": [],
    }  # fmt: skip
