"""Files that were imported, by their content, so that one taken again as another source is told."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from fengping.clock import iso
from fengping.state import Moment, State, metadata

import_files = Table(
    "import_files",
    metadata,
    Column("digest", String(32), primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("file", String(255), nullable=False),
    Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file whose content was imported before as another source."""

    path: Path
    source: str
    at: datetime

    @property
    def sentence(self) -> str:
        return (
            f"{self.path.name} was imported as {self.source} on {iso(self.at)}: documents without an address "
            "of their own would be counted twice."
        )


def known_as_other(state: State, paths: Iterable[Path], source: str) -> list[KnownFile]:
    """Those of *paths* whose content was imported as another source than *source*."""
    found = []
    with state.begin() as connection:
        for path in paths:
            if path.is_dir():
                continue
            same = select(import_files).where(import_files.c.digest == digest(path))
            rows = connection.execute(same.where(import_files.c.source != source)).fetchall()
            found += [KnownFile(path, row.source, row.at) for row in rows]
    return found


def remember(state: State, path: Path, source: str, at: datetime) -> None:
    """Notes that the whole of a file was imported."""
    if path.is_dir():
        return
    content = digest(path)
    key = (import_files.c.digest == content) & (import_files.c.source == source)
    with state.begin() as connection:
        connection.execute(delete(import_files).where(key))
        row = {"digest": content, "source": source, "file": path.name[:255], "at": at}
        connection.execute(insert(import_files).values(row))


def disremember(connection: Connection, digests: Collection[str], source: str) -> None:
    """Knows no longer that these contents were imported as *source*."""
    same = import_files.c.digest.in_(digests) & (import_files.c.source == source)
    connection.execute(delete(import_files).where(same))


def digest(path: Path) -> str:
    """The checksum of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
