"""The moment from which on a critical message tries a robot that rests."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens delivery_robots; a rest of before ends for critical messages as for all."""
    connection.execute(text("ALTER TABLE delivery_robots ADD COLUMN probe_at TIMESTAMP"))
