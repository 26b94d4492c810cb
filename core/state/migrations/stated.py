"""Fields of a document's last version, until its last visit."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens seen_urls."""
    connection.execute(text("ALTER TABLE seen_urls ADD COLUMN stated TEXT"))
