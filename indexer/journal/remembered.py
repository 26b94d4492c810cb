"""The manifest's lines as the state database keeps them: one that is lost with segments is written again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

import orjson
from sqlalchemy import Column, String, Table, Text, select

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer.journal import manifest
from fengping.indexer.journal.manifest import Segment
from fengping.state import State, metadata, upsert

_kept = Table(
    "journal_segments",
    metadata,
    Column("file", String(16), primary_key=True),
    Column("record", Text, nullable=False),
)
"""Closed segments: number, lines, sizes, checksums and times, as the last line of the manifest has them."""


def keep(home: Home) -> None:
    """Takes the manifest's last line of each closed segment into the state."""
    if not home.config.journal.startswith("file:"):
        return
    known = manifest.load(home.journal).entries
    lines = {name: orjson.dumps(asdict(entries[-1])).decode() for name, entries in known.items()}
    with State.open(home).begin() as connection:
        kept = {row.file: row.record for row in connection.execute(select(_kept))}
        for name, line in lines.items():
            if kept.get(name) != line:
                upsert(connection, _kept, {"file": name}, {"record": line})


def put_back(home: Home) -> list[Segment]:
    """Adds the segments to the manifest that the state knows and the manifest does not; returns those that
    it could not add, for a folder may be only read."""
    if not (State.is_begun(home) and home.config.journal.startswith("file:")):
        return []
    known = manifest.load(home.journal).entries
    lacking: list[Segment] = []
    with suppress(FengpingError, OSError):  # doctor says what is wrong with it
        with State.open(home).begin() as connection:
            if known.keys() >= set(connection.scalars(select(_kept.c.file))):
                return []
            rows = connection.execute(select(_kept).order_by(_kept.c.file)).all()
        lacking = [Segment(**orjson.loads(row.record)) for row in rows if row.file not in known]
        home.journal.mkdir(parents=True, exist_ok=True, mode=0o700)
        manifest.add(home.journal, *lacking)
        return []
    return lacking
