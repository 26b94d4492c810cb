"""Corrections of a text's act, and of its being a matter of consumers."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens corrections."""
    connection.execute(text("ALTER TABLE corrections ADD COLUMN consumer BOOLEAN"))
    connection.execute(text("ALTER TABLE corrections ADD COLUMN act VARCHAR(16)"))
