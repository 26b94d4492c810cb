"""Counts beyond 2³¹ (plays of a topic): on PostgreSQL an INTEGER holds no more; SQLite holds 64 bits."""

from __future__ import annotations

from sqlalchemy import Connection, text

_TABLES = ("seen_urls", "engagement_readings")
_COUNTS = ("likes", "comments", "reposts", "views")


def up(connection: Connection) -> None:
    """Widens the counts, all of a table at once: each change of a type writes the table anew."""
    if connection.dialect.name == "sqlite":
        return
    for table in _TABLES:
        wider = ", ".join(f"ALTER COLUMN {name} TYPE BIGINT" for name in _COUNTS)
        connection.execute(text(f"ALTER TABLE {table} {wider}"))
