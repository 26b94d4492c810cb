"""The manifest's lines as the state database keeps them: one that is lost with segments is written again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict

import orjson
from sqlalchemy import Column, String, Table, Text, select

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.indexer.journal import files, manifest
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
    """Adds segments to the manifest that the state knows, or whose numbers were passed over, and it does not;
    returns those that it could not add, for a folder may be only read."""
    if not (State.is_begun(home) and home.config.journal.startswith("file:")):
        return []
    # In this order: a file that is closed meanwhile has its line before it goes.
    there, known = files.list_files(home.journal), manifest.load(home.journal).entries
    lacking: list[Segment] = []
    with suppress(FengpingError, OSError):  # doctor says what is wrong with it
        with State.open(home).begin() as connection:
            kept = set(connection.scalars(select(_kept.c.file)))
            met = {*there, *known, *kept}
            # A file has the number behind the last.
            passed = {f"{number:08d}" for number in range(1, int(max(met, default="0")))}
            absent = (kept - known.keys()) | (passed - met)
            if not absent:
                return []
            records = {row.file: row.record for row in connection.execute(select(_kept))}
        lacking = [
            Segment(**orjson.loads(records[name])) if name in records else manifest.unknown(name)
            for name in sorted(absent)
        ]
        home.journal.mkdir(parents=True, exist_ok=True, mode=0o700)
        manifest.add(home.journal, *lacking)
        return []
    return lacking
