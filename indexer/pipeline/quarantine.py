"""Quarantine of lines that failed to be read or judged, kept with reasons in ``var/quarantine/``."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
from sqlalchemy import Connection

from fengping.durable import write_whole
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer.journal import Batch, Cursor, Line, Position
from fengping.models import RawDocument

UNJUDGED = "unjudged"
"""Status of a document that the analysis failed on."""
RETRIED = 1000
"""Documents that a run takes up again at most; those that failed again are behind the others then."""


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

    def __init__(
        self, path: Path, cursor: Cursor, note: Callable[[Connection, int], None] | None = None
    ) -> None:
        """*note* is called by :meth:`tell`, with the number of documents that stand here."""
        self.path = path
        self._note = note
        self._count = sum(1 for _ in _entries(path)) if note else 0
        self.reason = ""
        """Of the last document that could not be judged."""
        self._known = _written_after(path, cursor)

    def add(self, refused: Iterable[Refused]) -> None:
        """Writes those not written by an earlier, interrupted run; durable when it returns."""
        lines = []
        for entry in refused:
            self.reason = entry.reason if entry.status == UNJUDGED else self.reason
            if (entry.file, entry.line) not in self._known:
                record = {name: getattr(entry, name) for name in Refused.__slots__}
                lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                self._count += entry.status == UNJUDGED
        if lines:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())

    def tell(self, connection: Connection) -> None:
        """Notes what stands here, in the transaction that moves the cursor past it. Not read anew each time:
        of a judge that is broken it holds all there is."""
        if self._note:
            self._note(connection, self._count)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Documents that stand in the quarantine and not in the index, for the analysis failed on them."""

    count: int
    reason: str
    """Of the last of them."""
    path: Path

    @property
    def sentence(self) -> str:
        """The number of them, why, and what is done about it."""
        return (
            f"{self.count:,} documents could not be judged and are not in the index ({self.reason}); they "
            f"stand in {self.path}. Each fengping index tries them again."
        )


def unjudged(home: Home) -> Unjudged:
    """The documents of *home* that could not be judged."""
    path = index_file(home)
    reasons = {(entry.file, entry.line): entry.reason for _, entry in _entries(path)}
    return Unjudged(len(reasons), next(reversed(reasons.values()), ""), path)


def index_file(home: Home) -> Path:
    """The quarantine of the index."""
    return home.quarantine / "index.jsonl"


def to_retry(path: Path, cursor: Cursor, erased: Collection[str]) -> tuple[Batch, set[int]]:
    """Documents in the quarantine to be judged again, as a batch that moves no cursor; and the lines of the
    file that name them, or what was *erased* since. What stands after *cursor* comes with the journal."""
    found: dict[tuple[str, int], Line] = {}
    places = set()
    for place, entry in _entries(path):
        key = entry.file, entry.line
        document = _document(entry.data)
        if document is None or entry.line > cursor.get(entry.file, Position()).lines:
            continue
        if key not in found and len(found) == RETRIED:
            continue
        places.add(place)
        if document.id not in erased:
            found[key] = Line(entry.file, entry.line, document)
    return Batch(list(found.values()), {}), places


def drop(path: Path, places: Collection[int]) -> None:
    """Takes lines of these numbers out of a quarantine."""
    if places:
        with path.open("rb") as file:
            write_whole(path, b"".join(line for number, line in enumerate(file) if number not in places))


def drop_unjudged(path: Path) -> None:
    """Takes the documents that could not be judged out of a quarantine."""
    drop(path, {place for place, _ in _entries(path)})


def _entries(path: Path) -> Iterator[tuple[int, Refused]]:
    """Documents that could not be judged, with the number of the line that names them."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if UNJUDGED.encode() not in line:
                continue
            try:
                record = orjson.loads(line)
                entry = Refused(**{name: record[name] for name in Refused.__slots__})
            except (ValueError, KeyError, TypeError):
                continue  # not ours, or damaged
            if entry.status == UNJUDGED:
                yield number, entry


def _document(data: str) -> RawDocument | None:
    try:
        return RawDocument.from_record(orjson.loads(data))
    except (KeyError, ValueError, TypeError, AttributeError, UsageError):
        return None


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
