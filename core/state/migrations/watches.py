"""Alarms of events: gravity told, whether an answer was, what readers say; the last check of each rule."""

from __future__ import annotations

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, text

_tables = MetaData()

Table(
    "alert_checks",
    _tables,
    Column("rule", String(128), primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("until", DateTime, nullable=False),
)

Table(
    "alert_verdicts",
    _tables,
    Column("firing", Integer, primary_key=True, autoincrement=False),
    Column("verdict", String(16), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("at", DateTime, nullable=False),
)


def up(connection: Connection) -> None:
    """Keeps when rules were checked; what was looked for late arrivals goes."""
    _tables.create_all(connection)
    connection.execute(
        text("INSERT INTO alert_checks (rule, at, until) SELECT rule, at, at FROM alert_arrivals")
    )
    connection.execute(text("DROP TABLE alert_arrivals"))
    connection.execute(text("DELETE FROM change_offsets WHERE consumer = 'alarms'"))
    for dropped in ("events", "official"):
        connection.execute(text(f"ALTER TABLE alert_states DROP COLUMN {dropped}"))
    connection.execute(text("ALTER TABLE alert_states ADD COLUMN gravity INTEGER NOT NULL DEFAULT 0"))
    connection.execute(text("ALTER TABLE alert_states ADD COLUMN answered BOOLEAN NOT NULL DEFAULT FALSE"))
