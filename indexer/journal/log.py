"""The journal, system of record: every raw document ever seen, appended to JSON Lines files.

Each process writes a file of its own, so writers never wait for each other. What survives what:

* :meth:`JournalWriter.append` hands whole lines to the kernel before it returns: from then on the
  process may be killed at any point and nothing is lost.
* :meth:`JournalWriter.sync` (``fdatasync``) makes them survive a loss of power as well. It costs a
  disk's write (1–10 ms), so it is called once a batch, *before* the batch's URLs are marked as seen,
  and by :meth:`~JournalWriter.close`; never once a document.

An index is derived: it can always be rebuilt from here. A document that is seen again later is a new
version under the same id; the first stays readable (:meth:`Journal.versions`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType

import zstandard

from fengping.errors import Failed, way_out
from fengping.indexer.journal import files, manifest, rewriting, segments
from fengping.indexer.journal.lines import Fault, Line, decode, encode
from fengping.indexer.journal.manifest import Manifest, Segment
from fengping.indexer.journal.protocol import Aside, Batch, Cursor, Position
from fengping.models import RawDocument

ROTATE_AT = 128 * 2**20
"""Bytes after which a writer closes its file and begins the next."""


class JournalWriter:
    """Appends raw documents to a file of its own, begun with the first document.

    Not for two threads at once. Raises :class:`Failed` where the disk refuses; the file then ends with
    the last whole line.
    """

    def __init__(self, folder: Path, *, rotate_at: int = ROTATE_AT) -> None:
        self.folder = folder
        self._rotate_at = rotate_at
        self._descriptor: int | None = None
        self._path = folder
        self._size = 0
        self.begun: list[str] = []
        """Names of the segments that hold what was appended, in order."""

    def append(self, *documents: RawDocument) -> None:
        """Writes *documents*; when it returns, they outlive this process."""
        data = b"".join(encode(document) for document in documents)
        if not data:
            return
        if self._size and self._size + len(data) > self._rotate_at:
            self.close()
        try:
            self._write(data)
        except OSError as error:
            raise Failed(
                f"The journal {self.folder} cannot be written: {error.strerror}.",
                remedy=f"{way_out(error, self.folder) or 'Mend that'} and run again; "
                "what was written before is safe.",
            ) from error

    def _write(self, data: bytes) -> None:
        if self._descriptor is None:
            name, self._descriptor = files.create(self.folder)
            self._path = self.folder / (name + files.PLAIN)
            self.begun.append(name)
            self._size = len(files.HEADER)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def sync(self) -> None:
        """Makes everything appended survive a loss of power."""
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Closes and compresses the file. The writer may go on with a new one."""
        if self._descriptor is None:
            return
        try:
            os.fdatasync(self._descriptor)
            files.compress(self._path)
        except OSError as error:
            raise Failed(
                f"The journal file {self._path} cannot be compressed: {error.strerror}.",
                remedy="Nothing is lost: it stays readable, and is compressed once there is space.",
            ) from error
        finally:
            os.close(self._descriptor)
            self._descriptor = None
            self._size = 0

    def __enter__(self) -> JournalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Journal:
    """The journal's reading side; any number of readers, beside any number of writers.

    See :class:`~fengping.indexer.journal.protocol.JournalProtocol`.
    """

    unit = "bytes"
    small = 8 * 2**20
    shared = False

    def __init__(self, folder: Path, lacking: Sequence[Segment] = ()) -> None:
        self.folder = folder
        self._lacking = lacking
        """Segments that are known to have been, of which the manifest has no line."""

    def _known(self, cursor: Cursor | None = None) -> Manifest:
        """The manifest, with what must have been: a cursor was past its first line."""
        known = manifest.load(self.folder)
        read = (manifest.unknown(name) for name, at in (cursor or {}).items() if at.lines)
        for segment in (*self._lacking, *read):
            known.entries[segment.file] = known.entries.get(segment.file, [segment])
        return known

    def read(self, cursor: Cursor, size: int, *, salvage: bool = False) -> Iterator[Batch]:
        """Lines after *cursor*, in batches of *size* (the last is smaller).

        Files come in the order they were begun, lines in the order they were appended. A file that is
        still being written is read to its last whole line. A closed segment is compared with the manifest
        before any of it is given; one that fails is a fault at its cursor, which stays, so that it is read
        once it is put back. Raises :class:`SchemaTooNew` for a file of a newer version.
        """
        lines: list[Line] = []
        moved: dict[str, Position] = {}
        known = self._known(cursor)
        for name in sorted({*files.list_files(self.folder), *known.entries}):
            start = cursor.get(name, Position())
            if reason := segments.trouble(self.folder, name, known, whole=not start.done):
                lines.append(Line(name, start.lines + 1, None, Fault.DAMAGED, reason))
                moved.setdefault(name, start)
                if not salvage:
                    continue
            if start.done or not files.exists(self.folder, name):
                continue
            for line, position in self._read_file(name, start):
                moved[name] = position
                if line is not None:
                    lines.append(line)
                if len(lines) >= size:
                    yield Batch(lines, moved)
                    lines, moved = [], {}
        if moved:
            yield Batch(lines, moved)

    def _read_file(self, name: str, start: Position) -> Iterator[tuple[Line | None, Position]]:
        position = start
        tail = b""
        with files.open_file(self.folder, name, start.offset) as (stream, path):
            try:
                for data in stream:
                    if not data.endswith(b"\n"):
                        tail = data
                        break
                    position = Position(position.offset + len(data), position.lines + 1)
                    if position.lines == 1 and files.check_header(data, path):
                        yield None, position
                        continue
                    yield decode(name, position.lines, data), position
            except zstandard.ZstdError as error:
                # It was damaged as we read; the cursor stays here.
                reason = f"{path.name} cannot be read after byte {position.offset}: {error}"
                yield Line(name, position.lines + 1, None, Fault.DAMAGED, reason), position
                return
        if path.name.endswith(files.CLOSED):
            yield from _end(name, position, [tail] if tail else [])
        elif position.lines and not files.is_written(path):
            # Its writer may have appended between our last read and its end.
            with files.open_file(self.folder, name, position.offset) as (stream, _):
                yield from _end(name, position, stream)

    def names(self) -> list[str]:
        """Names of all segments that are there."""
        return sorted(files.list_files(self.folder))

    def pending(self, cursor: Cursor) -> int:
        """Bytes after *cursor*, for a progress bar."""
        total = 0
        for name in files.list_files(self.folder):
            position = cursor.get(name, Position())
            if not position.done:
                total += max(files.content_size(self.folder, name) - position.offset, 0)
        return total

    def damaged(
        self, *, whole: bool = False, unread: Cursor | None = None, among: Cursor | None = None
    ) -> dict[str, str]:
        """Closed segments that are not what was written, by name, with the reason.

        Compares sizes on disk; with *whole* all content, with *unread* that of segments which this cursor is
        not through with. With *among*, only segments that it knows.
        """
        known = self._known(among or unread)
        names = sorted({*files.list_files(self.folder), *known.entries})
        found = {
            name: segments.trouble(
                self.folder,
                name,
                known,
                whole=whole or (unread is not None and not unread.get(name, Position()).done),
            )
            for name in names
            if among is None or among.get(name, Position()).lines
        }
        return {name: reason for name, reason in found.items() if reason}

    def versions(self, document_id: str) -> list[RawDocument]:
        """Every version of a document, oldest first. Reads the whole journal (about a second a million)."""
        needle = document_id.encode()
        found: list[RawDocument | None] = []
        for name in files.list_files(self.folder):
            # What stands before the damage of a segment can be read.
            with contextlib.suppress(zstandard.ZstdError), files.open_file(self.folder, name) as (file, path):
                files.check_header(file.readline(), path)
                found.extend(decode(name, 0, data).document for data in file if needle in data)
        versions = [document for document in found if document and document.id == document_id]
        return sorted(versions, key=lambda document: document.fetched_at)

    def written(self, names: Collection[str]) -> Iterator[RawDocument]:
        """Documents that stand in the segments *names*. Raises :class:`Failed` where one is damaged."""
        if damaged := {name: why for name, why in self.damaged().items() if name in names}:
            raise Failed(
                f"{next(iter(damaged.values()))}.", remedy="fengping repair says what can be got back."
            )
        others = {name: Position(done=True) for name in self.names() if name not in names}
        for batch in self.read(others, 5000):
            # A segment begun since is not among the others.
            yield from (line.document for line in batch.lines if line.document and line.file in names)

    def mark(self) -> str:
        """The newest segment."""
        return max(files.list_files(self.folder), default="0")

    def since(self, mark: str) -> dict[str, Position]:
        """All segments up to *mark* as read: what a process begun then wrote stands in later ones."""
        return {f"{number:08d}": Position(done=True) for number in range(int(mark or 0) + 1)}

    def beginning(self, before: Cursor, *, allow_loss: bool) -> dict[str, Position]:
        return {}

    def settle(self) -> int:
        """Compresses files that dead processes left open; the number of them."""
        return files.close_left(self.folder) if self.folder.exists() else 0

    def make_void(self, names: Collection[str]) -> None:
        """Nothing of a writer waits anywhere else."""

    def erased_ids(self) -> Collection[str]:
        """None: nothing of it is on another machine."""
        return ()

    def lasting(self) -> Sequence[str]:
        """None: lines are blanked at once."""
        return ()

    def outlived(self) -> str:
        return ""

    def clock(self) -> None:
        return None

    def aside(self) -> Aside:
        return Aside(self.folder)

    def facts(self) -> str:
        """Closed segments, their lines, and those given up."""
        latest = [entries[-1] for entries in self._known().entries.values()]
        lines = sum(segment.lines for segment in latest if not segment.given_up)
        given_up = sum(bool(segment.given_up) for segment in latest)
        return f"{len(latest) - given_up:,} closed segments, {lines:,} lines" + (
            f"; {given_up:,} given up" if given_up else ""
        )

    def writer(self) -> JournalWriter:
        """A new way in."""
        return JournalWriter(self.folder)

    def erase(
        self,
        doomed: Callable[[RawDocument], bool],
        broken: Callable[[bytes], bool] = lambda line: False,
        *,
        at: datetime | None = None,
        forgotten: bool = True,
    ) -> set[str]:
        """Removes versions for good and returns their ids; no cursor moves, for lines keep their length.

        *broken* is asked about lines that hold no document, such as the last one of a process that died.
        What is behind the damage of a file that cannot be unpacked stays. Raises :class:`UsageError` while
        a process still writes a file that holds one of them.
        """
        self.settle()
        erased: set[str] = set()
        for name in files.list_files(self.folder):
            erased |= rewriting.blank(self.folder, name, doomed, broken)
        return erased

    def rename_authors(self, renamed: rewriting.Rename) -> set[str]:
        """Gives authors other names in every version and returns the ids; no cursor moves.

        Raises :class:`UsageError` while a process still writes a file that holds one of them.
        """
        self.settle()
        found: set[str] = set()
        for name in files.list_files(self.folder):
            found |= rewriting.rename(self.folder, name, renamed)
        return found


def _end(name: str, position: Position, rest: Iterable[bytes]) -> Iterator[tuple[Line | None, Position]]:
    """The last lines of a file that nobody writes any more; one without a line end is torn."""
    for data in rest:
        position = Position(position.offset + len(data), position.lines + 1)
        if data.endswith(b"\n"):
            yield decode(name, position.lines, data), position
        else:
            reason = "the process that wrote it died in the middle of this line"
            yield Line(name, position.lines, None, Fault.TORN, reason, data), position
    yield None, replace(position, done=True)
