"""What a person decides on events beside merging and splitting: by whom, taken back or not; the matter."""

from __future__ import annotations

from sqlalchemy import Connection, text

_WORD = "{} {} NOT NULL DEFAULT ''"


def up(connection: Connection) -> None:
    """Widens what was set by hand, events and their members."""
    moment = "TIMESTAMP" if connection.dialect.name == "postgresql" else "DATETIME"
    added = {
        "event_hands": (
            _WORD.format("value", "TEXT"), _WORD.format("by", "VARCHAR(64)"),
            _WORD.format("undone_by", "VARCHAR(64)"), f"undone_at {moment}",
        ),
        "events": (
            _WORD.format("matter", "VARCHAR(64)"), _WORD.format("closed", "TEXT"),
            _WORD.format("confirmed", "VARCHAR(64)"),
        ),
        "event_members": (_WORD.format("matter", "VARCHAR(64)"),),
    }  # fmt: skip
    for table, columns in added.items():
        for column in columns:
            name, _, rest = column.partition(" ")
            connection.execute(text(f'ALTER TABLE {table} ADD COLUMN "{name}" {rest}'))
