"""Quarantine of lines that failed to be read or judged, kept with reasons in ``var/quarantine/``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from fengping.indexer.journal.protocol import Cursor, Position


@dataclass(frozen=True, slots=True)
class Refused:
    """One line of the journal that did not become a document of the store."""

    file: str
    """Journal file; with ``line`` the place to look."""
    line: int
    status: str
    reason: str
    data: str
    """The line as it stands, or its document as JSON."""


class Quarantine:
    """A JSON Lines file of refused lines, each written once although a batch may be read again."""

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.path = path
        self._known = _written_after(path, cursor)

    def add(self, refused: Iterable[Refused]) -> None:
        """Writes those not written by an earlier, interrupted run; durable when it returns."""
        lines = []
        for entry in refused:
            if (entry.file, entry.line) not in self._known:
                record = {name: getattr(entry, name) for name in Refused.__slots__}
                lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        if lines:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())


def _written_after(path: Path, cursor: Cursor) -> set[tuple[str, int]]:
    """Places after *cursor* that the file names already; half a line at its end is cut off."""
    if not path.exists():
        return set()
    known = set()
    with path.open("r+b") as file:
        whole = 0
        for line in file:
            if not line.endswith(b"\n"):
                file.truncate(whole)
                break
            whole += len(line)
            try:
                record = orjson.loads(line)
                place = record["file"], int(record["line"])
            except (ValueError, KeyError, TypeError):
                continue  # not ours, or damaged: at the worst a line is told twice
            if place[1] > cursor.get(place[0], Position()).lines:
                known.add(place)
    return known
