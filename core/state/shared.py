"""Files that the machines of a deployment share, as they stand in its state database."""

from __future__ import annotations

from sqlalchemy import Column, Connection, LargeBinary, String, Table, delete, func, insert, select

from fengping.state.engine import Moment, metadata

files = Table(
    "deployment_files",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("changed_at", Moment, nullable=False),
)


def content_of(connection: Connection, name: str) -> bytes | None:
    """A file as it was handed on last; ``None`` for one that was not."""
    return connection.scalar(select(files.c.content).where(files.c.name == name))


def put(connection: Connection, name: str, content: bytes | None) -> None:
    """Hands a file on, in the place of an earlier one, or withdraws it; the time is the database's own."""
    connection.execute(delete(files).where(files.c.name == name))
    if content is not None:
        now = func.timezone("utc", func.clock_timestamp())
        connection.execute(insert(files).values(name=name, content=content, changed_at=now))
