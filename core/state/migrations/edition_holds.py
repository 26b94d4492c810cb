"""Holds on sealed editions, and the edition that a redacted one replaces."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens editions."""
    connection.execute(text("ALTER TABLE editions ADD COLUMN redacts VARCHAR(128) DEFAULT '' NOT NULL"))
    connection.execute(text("ALTER TABLE editions ADD COLUMN hold TEXT DEFAULT '{}' NOT NULL"))
