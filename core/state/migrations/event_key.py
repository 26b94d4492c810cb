"""Events by accused party and matter: the next update builds them anew; ids and decisions stay."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Has the files of sketches begun anew."""
    connection.execute(text("DELETE FROM event_progress"))
