"""Imports by their numbers: source, time, files, and the segments of the journal that they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, Connection, Integer, Row, String, Table, insert, select, update

from fengping.clock import iso
from fengping.indexer.importing.known_files import digest
from fengping.state import Moment, State, metadata

import_runs = Table(
    "import_runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("files", JSON, nullable=False),
    Column("segments", JSON, nullable=False),
    Column("undone_at", Moment),
    Column("kind", String(16), nullable=False, server_default=""),
    Column("channel", String(16), nullable=False, server_default=""),
)


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import."""

    number: int
    source: str
    at: datetime
    files: dict[str, str]
    """Checksum of each file's content by name; empty for folders."""
    segments: tuple[str, ...]
    """Files of the journal that hold its documents, and no others."""
    undone_at: datetime | None
    given: tuple[str, str] = ("", "")
    """Kind and channel that all its documents were given; empty where they were guessed, or where an earlier
    version did not note it."""

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return {
            "number": self.number,
            "source": self.source,
            "at": iso(self.at),
            "files": list(self.files),
            "undone_at": iso(self.undone_at) if self.undone_at else None,
        }


def begin_run(
    state: State, source: str, at: datetime, paths: Iterable[Path], given: tuple[str, str] = ("", "")
) -> int:
    """Gives an import of *paths* its number; *given*: the kind and the channel of all its documents."""
    files = {path.name: "" if path.is_dir() else digest(path) for path in paths}
    row = {"source": source, "at": at, "files": files, "segments": [], "kind": given[0], "channel": given[1]}
    with state.begin() as connection:
        key = connection.execute(insert(import_runs).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def note_segments(connection: Connection, number: int, segments: Sequence[str]) -> None:
    """Notes the segments that an import has written by now."""
    own = import_runs.c.id == number
    connection.execute(update(import_runs).where(own).values(segments=list(segments)))


def note_undone(connection: Connection, number: int, at: datetime) -> None:
    """Notes that nothing of an import is left."""
    connection.execute(update(import_runs).where(import_runs.c.id == number).values(undone_at=at))


def import_run(state: State, number: int) -> ImportRun | None:
    """The import of that number."""
    with state.begin() as connection:
        row = connection.execute(select(import_runs).where(import_runs.c.id == number)).one_or_none()
    return _made(row) if row is not None else None


def recorded_runs(state: State) -> list[ImportRun]:
    """All imports, oldest first."""
    with state.begin() as connection:
        return [_made(row) for row in connection.execute(select(import_runs).order_by(import_runs.c.id))]


def _made(row: Row[Any]) -> ImportRun:
    given = row.kind, row.channel
    return ImportRun(row.id, row.source, row.at, row.files, tuple(row.segments), row.undone_at, given)
