"""A channel under another name: what waits for it goes with it."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select, update

from fengping.delivery import tables


def rename(connection: Connection, was: str, name: str) -> None:
    """Lets what waits for the channel *was*, and what went there, be of *name*; the log stays as it was.

    So a message that went to a place goes there no second time.
    """
    rows = tables.outbox
    there = rows.alias()
    same = and_(there.c.channel == name, there.c.message == rows.c.message, there.c.address == rows.c.address)
    free = ~select(there.c.id).where(same).exists()
    connection.execute(update(rows).where(rows.c.channel == was, free).values(channel=name))
