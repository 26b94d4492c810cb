"""The machine's judgement beside each correction of it, and if the document was drawn at random."""

from __future__ import annotations

from sqlalchemy import Connection, text


def up(connection: Connection) -> None:
    """Widens corrections and takes in what the console kept of those that it had drawn from the newest."""
    connection.execute(text("ALTER TABLE corrections ADD COLUMN judged VARCHAR(8)"))
    connection.execute(text("ALTER TABLE corrections ADD COLUMN judged_relevant BOOLEAN"))
    connection.execute(text("ALTER TABLE corrections ADD COLUMN drawn BOOLEAN NOT NULL DEFAULT FALSE"))
    kept = "FROM label_sample WHERE label_sample.document = corrections.document_id"
    connection.execute(
        text(f"UPDATE corrections SET judged = (SELECT judged {kept}) WHERE EXISTS (SELECT 1 {kept})")
    )
    connection.execute(text("DROP TABLE label_sample"))
