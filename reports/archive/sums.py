"""Sums of the files of editions as they were entered: one that was changed since is not handed over."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from fengping.durable import sum_of
from fengping.state import State, metadata

sums = Table(
    "edition_sums",
    metadata,
    Column("number", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("hash", String(64), nullable=False),
)


def keep(connection: Connection, folder: Path) -> None:
    """Writes down the sums of the files that lie in an edition's *folder* now."""
    drop(connection, [folder.name])
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            connection.execute(insert(sums).values(number=folder.name, name=path.name, hash=sum_of(path)))


def drop(connection: Connection, numbers: Collection[str]) -> None:
    """Forgets the sums of editions."""
    connection.execute(delete(sums).where(sums.c.number.in_(numbers)))


def altered(state: State, folder: Path) -> list[str]:
    """Names of files in *folder* that are not as they were entered; none of what was entered without sums."""
    with state.begin() as connection:
        rows = connection.execute(select(sums.c.name, sums.c.hash).where(sums.c.number == folder.name))
        known = {row.name: row.hash for row in rows}
    there = (folder / name for name in sorted(known))
    return [path.name for path in there if path.is_file() and sum_of(path) != known[path.name]]
