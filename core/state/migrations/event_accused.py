"""The parties that an event's documents accuse, apart from those they only speak of."""

from __future__ import annotations

from collections import Counter, defaultdict

from sqlalchemy import Connection, text

_MOST = 4


def up(connection: Connection) -> None:
    """Widens events, and tells of those there are whom a fifth of their accusing documents accuse."""
    connection.execute(text("ALTER TABLE events ADD COLUMN accused VARCHAR(255) NOT NULL DEFAULT ''"))
    often: dict[str, Counter[str]] = defaultdict(Counter)
    whole: Counter[str] = Counter()
    counted = (
        "SELECT event, parties, COUNT(*) FROM event_members WHERE (part / 8) % 2 = 1 GROUP BY event, parties"
    )
    for event, parties, count in connection.execute(text(f"{counted} ORDER BY event, parties")):
        whole[event] += count
        for party in filter(None, parties.split("|")):
            often[event][party] += count
    rows = [
        {"id": id, "accused": "|".join(n for n, c in found.most_common(_MOST) if c * 5 >= whole[id])[:255]}
        for id, found in often.items()
    ]
    if rows:
        connection.execute(text("UPDATE events SET accused = :accused WHERE id = :id"), rows)
