"""Corrections of whom a text charges, of its signals and of its facets."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens corrections."""
    for name in ("accused", "signals", "facets"):
        for way in ("add", "remove"):
            connection.execute(
                text(f"ALTER TABLE corrections ADD COLUMN {way}_{name} TEXT NOT NULL DEFAULT ''")
            )
