"""Letters of sealed editions and reports: what they were to bring is forgotten, so nobody gets them any
more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from fengping.delivery import tables
from fengping.delivery.message import EDITION

SEALED = "sealed: something in it was forgotten"
"""The reply of a closed letter."""
_WORDS = ("lines", "body", "plain", "html", "text")


def wordless(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a message without what it says: its key, its subject and where it leads stay."""
    return {name: type(value)() if name in _WORDS else value for name, value in record.items()}


def close_edition(connection: Connection, number: str, now: datetime) -> list[str]:
    """Closes the letters of an edition, those of its tests too; where it waited, as sentences."""
    own = f"{EDITION}{number}"
    rows = connection.execute(select(tables.messages.c.id, tables.messages.c.record)).fetchall()
    keys = {row.id: row.record["key"] for row in rows}
    return close(connection, [id for id, key in keys.items() if key == own or key.startswith(f"{own}:")], now)


def close(connection: Connection, messages: Collection[str], now: datetime) -> list[str]:
    """Closes what nobody has got of *messages*, given by their ids: it is neither sent nor revived. What they
    say is no longer kept, also of what was accepted.

    Returns a sentence for each that waited, or is on its way just now and may still arrive, whole.
    """
    box, told = tables.outbox, tables.messages
    mine = box.c.message.in_(messages), box.c.status != "accepted", box.c.reply != SEALED
    query = select(box, told.c.record).join(told, told.c.id == box.c.message).where(*mine)
    left = [_left(row) for row in connection.execute(query.order_by(box.c.id)) if row.status != "dead"]
    connection.execute(update(box).where(*mine).values(status="dead", claim="", reply=SEALED, settled_at=now))
    for row in connection.execute(select(told).where(told.c.id.in_(messages))).fetchall():
        connection.execute(update(told).where(told.c.id == row.id).values(record=wordless(row.record)))
    return left


def is_open(connection: Connection, message: str) -> bool:
    """True where a letter of *message*, given by its id, may still be sent or revived."""
    box = tables.outbox
    mine = box.c.message == message, box.c.status != "accepted", box.c.reply != SEALED
    return connection.scalar(select(box.c.id).where(*mine).limit(1)) is not None


def _left(row: Row[Any]) -> str:
    place = f"{row.channel}:{row.address}" if row.address else row.channel
    if row.status == "claimed":
        return f"The message {row.record['subject']!r} may have reached {place} just now."
    return f"The message {row.record['subject']!r} waited for {place} and is not sent."
