"""The moment at which a letter was to go out first, whoever takes it up again."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens delivery_outbox; of letters there are, the moment from which they wait is the first known."""
    connection.execute(text("ALTER TABLE delivery_outbox ADD COLUMN meant_at TIMESTAMP"))
    connection.execute(text("UPDATE delivery_outbox SET meant_at = since"))
