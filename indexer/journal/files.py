"""Files of the journal: their names, locks, and how they are opened, plain or compressed.

``00000042.jsonl`` is open or was left by a dead process, ``00000042.jsonl.zst`` is closed. Numbers
only grow and no file is ever removed, so a number means the same documents for ever. The process
that writes a file holds an advisory lock (``flock``) on it; the kernel drops the lock when the
process dies, however it dies.
"""

from __future__ import annotations

import dataclasses
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson
import zstandard

from fengping.durable import replace, sync_folder
from fengping.errors import UPGRADE, Failed, SchemaTooNew
from fengping.indexer.journal import manifest
from fengping.indexer.journal.manifest import Segment
from fengping.indexer.journal.tally import Tally

SCHEMA_VERSION = 1
HEADER = orjson.dumps({"journal": SCHEMA_VERSION}) + b"\n"
"""First line of every file."""

PLAIN = ".jsonl"
CLOSED = ".jsonl.zst"
_BUFFER = 1 << 20

Announce = Callable[[Segment], object]


def list_files(folder: Path) -> list[str]:
    """Names of the journal's files without their endings, in the order they were begun."""
    names = {path.name.partition(".")[0] for path in folder.glob("*.jsonl*")}
    return sorted(name for name in names if name.isdigit())


def create(folder: Path) -> tuple[str, int]:
    """A new file, locked by this process, its header written: its name and descriptor."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        # Also names of segments that are lost: a cursor remembers them as read.
        taken = {*list_files(folder), *manifest.load(folder).entries}
        name = f"{int(max(taken, default='0')) + 1:08d}"
        path = folder / (name + PLAIN)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
        except FileExistsError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Between the two calls above another process may have closed the file as one left by the dead.
        if path.exists() and not (folder / (name + CLOSED)).exists():
            os.write(descriptor, HEADER)
            # Lines of a file whose name went with the power are lost, however well they were synced.
            sync_folder(folder)
            return name, descriptor
        os.close(descriptor)


def is_written(path: Path) -> bool:
    """True if a living process holds the plain file *path* open for writing."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # It was closed as we looked.
        return False
    return False


def compress(path: Path) -> None:
    """Turns a plain file into a closed one, with its manifest line. The caller holds the lock on it."""
    name = path.name.removesuffix(PLAIN)
    segment = write_closed(path.with_name(name + CLOSED), path)
    manifest.add(path.parent, segment)
    path.unlink()


def write_closed(closed: Path, content: Path, *, before: Announce = lambda segment: None) -> Segment:
    """Writes *content* compressed as *closed*, durable and in one step: readers see all of it or nothing.

    *before* is told what the manifest is to say, before the file is put in place. Returns the same, with the
    file's stamp.
    """
    part = closed.with_name(closed.name + ".part")
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    counted = Tally()
    try:
        with content.open("rb") as source, open(part, "wb", opener=_private) as target:
            writer = compressor.stream_writer(target, size=content.stat().st_size, closefd=False)
            while data := source.read(_BUFFER):
                counted.take(data)
                writer.write(data)
            writer.close()  # type: ignore[no-untyped-call]
            target.flush()
            os.fsync(target.fileno())
        segment = counted.segment(closed.name.removesuffix(CLOSED), part.stat().st_size)
        before(segment)
        replace(part, closed)
    finally:
        part.unlink(missing_ok=True)
    return dataclasses.replace(segment, stamp=stamp_of(closed.stat()))


def stamp_of(about: os.stat_result) -> str:
    """Times that no write to a file leaves as they are; the second of them cannot be set."""
    return f"{about.st_mtime_ns} {about.st_ctime_ns}"


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def close_left(folder: Path) -> int:
    """Compresses files that dead processes left open; the number of them. Raises :class:`Failed` where the
    disk refuses; they then stay as they are."""
    count = 0
    for path in sorted(folder.glob("*" + PLAIN)):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if path.exists() and path.stat().st_size:
                try:
                    compress(path)
                except OSError as error:
                    raise Failed(
                        f"The journal file {path} cannot be compressed: {error.strerror}.",
                        remedy="Make room and run again; nothing is lost.",
                    ) from error
                count += 1
    return count


@contextmanager
def open_file(folder: Path, name: str, offset: int = 0) -> Iterator[tuple[BinaryIO, Path]]:
    """The file *name*, plain or closed, at *offset* bytes of its uncompressed content, and its path."""
    plain, closed = folder / (name + PLAIN), folder / (name + CLOSED)
    try:
        file, path = closed.open("rb"), closed
    except FileNotFoundError:
        try:
            file, path = plain.open("rb"), plain
        except FileNotFoundError:
            # It was being compressed as we looked.
            file, path = closed.open("rb"), closed
    with file:
        if path is plain:
            file.seek(offset)
            yield file, path
            return
        stream = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
        while offset > 0:
            skipped = len(stream.read(min(offset, _BUFFER)))
            if not skipped:
                break
            offset -= skipped
        yield io.BufferedReader(stream, _BUFFER), path


def exists(folder: Path, name: str) -> bool:
    """True if the file *name* exists, plain or closed."""
    return (folder / (name + CLOSED)).exists() or (folder / (name + PLAIN)).exists()


def content_size(folder: Path, name: str) -> int:
    """Bytes of a file's uncompressed content; 0 where it is missing or cannot be told."""
    try:
        with (folder / (name + CLOSED)).open("rb") as file:
            return max(zstandard.frame_content_size(file.read(32)), 0)
    except zstandard.ZstdError:
        return 0
    except FileNotFoundError:
        plain = folder / (name + PLAIN)
        return plain.stat().st_size if plain.exists() else 0


def check_header(line: bytes, path: Path) -> bool:
    """True if *line* is a header; raises :class:`SchemaTooNew` for one of a newer version."""
    if not line.startswith(b'{"journal":'):
        return False
    try:
        version = orjson.loads(line)["journal"]
    except orjson.JSONDecodeError:
        return False
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{path} was written by a newer fengping (journal {version}, known {SCHEMA_VERSION}).",
            remedy=UPGRADE,
        )
    return True
