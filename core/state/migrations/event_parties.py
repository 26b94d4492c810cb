"""The parties of events in rows of their own, by which the events of one are found."""

from __future__ import annotations

from sqlalchemy import Connection, text

_AT_ONCE = 10_000


def up(connection: Connection) -> None:
    """Makes the table, with the parties of the events there are."""
    columns = "party VARCHAR(255) NOT NULL, event VARCHAR(16) NOT NULL"
    connection.execute(text(f"CREATE TABLE event_parties ({columns}, PRIMARY KEY (party, event))"))
    connection.execute(text("CREATE INDEX ix_event_parties_event ON event_parties (event)"))
    insert = text("INSERT INTO event_parties (party, event) VALUES (:party, :event)")
    rows: list[dict[str, str]] = []
    for event, parties in connection.execute(text("SELECT id, parties FROM events")).all():
        rows += [{"party": party, "event": event} for party in {*parties.split("|")} - {""}]
        if len(rows) >= _AT_ONCE:
            connection.execute(insert, rows)
            rows = []
    if rows:
        connection.execute(insert, rows)
