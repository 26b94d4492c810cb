"""Moments at which the brokers took the last records read, by which a topic made anew is told."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens index_positions."""
    connection.execute(text("ALTER TABLE index_positions ADD COLUMN arrived BIGINT NOT NULL DEFAULT 0"))
