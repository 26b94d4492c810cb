"""Ids of documents that were forgotten of late, without address or text."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, delete, func, insert, select

from fengping.erasure import in_parts
from fengping.state import Moment, metadata

KEPT = timedelta(days=60)
"""Time for which ids are kept: a machine that was off for longer is told of nothing older."""

forgotten = Table(
    "forgotten_documents",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("document_id", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("keep_printed", Boolean, nullable=False),
)


def note(connection: Connection, ids: Collection[str], now: datetime, *, keep_printed: bool) -> None:
    """Writes down that *ids* are forgotten from now on; *keep_printed*: reports that quote them stay."""
    for part in in_parts(ids):
        rows = [{"document_id": id, "at": now, "keep_printed": keep_printed} for id in part]
        connection.execute(insert(forgotten), rows)
    # Afterwards: SQLite gives the numbers of rows that went before once more.
    connection.execute(delete(forgotten).where(forgotten.c.at < now - KEPT))


def last(connection: Connection) -> int:
    """The number of the latest; 0 where there is none."""
    return connection.scalar(select(func.max(forgotten.c.number))) or 0


def since(connection: Connection, number: int) -> set[str]:
    """Ids that came after *number* and must not stand in what is printed."""
    query = select(forgotten.c.document_id).where(forgotten.c.number > number, ~forgotten.c.keep_printed)
    return set(connection.scalars(query))
