"""Answers outside events are found by their document; each note of what was judged anew has a name."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Makes the index, and names the notes of what was judged anew."""
    connection.execute(text("CREATE INDEX ix_event_answers_document ON event_answers (document)"))
    connection.execute(text("ALTER TABLE judged_anew ADD COLUMN note VARCHAR(16) NOT NULL DEFAULT ''"))
