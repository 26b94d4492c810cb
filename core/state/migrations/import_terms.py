"""Kind and channel that an import was given."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens import_runs; of imports there are, nothing is known of what they were given."""
    for name in ("kind", "channel"):
        connection.execute(text(f"ALTER TABLE import_runs ADD COLUMN {name} VARCHAR(16) NOT NULL DEFAULT ''"))
