"""Steps of events out of readings alone, apology and payment apart: the next update builds events anew."""

from __future__ import annotations

from sqlalchemy import Connection, text

_RENAMED = {"已道歉赔付": "已道歉", "已辟谣": "已澄清"}


def up(connection: Connection) -> None:
    """Takes back statuses that no person gave, renames others, and has the files of sketches begun anew."""
    connection.execute(text("UPDATE events SET status = '未证实', history = '[]' WHERE confirmed = ''"))
    for old, new in _RENAMED.items():
        words = {"old": old, "new": new}
        given = "status = REPLACE(status, :old, :new), history = REPLACE(history, :old, :new)"
        connection.execute(text(f"UPDATE events SET {given}"), words)
        value = "UPDATE event_hands SET value = REPLACE(value, :old, :new) WHERE kind IN ('status', 'step')"
        connection.execute(text(value), words)
    connection.execute(text("DELETE FROM event_progress"))
