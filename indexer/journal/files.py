"""Files of the journal: their names, locks, and how they are opened, plain or compressed.

``00000042.jsonl`` is open or was left by a dead process, ``00000042.jsonl.zst`` is closed. Numbers
only grow and no file is ever removed, so a number means the same documents for ever. The process
that writes a file holds an advisory lock (``flock``) on it; the kernel drops the lock when the
process dies, however it dies.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson
import zstandard

from fengping.errors import SchemaTooNew

SCHEMA_VERSION = 1
HEADER = orjson.dumps({"journal": SCHEMA_VERSION}) + b"\n"
"""First line of every file."""

PLAIN = ".jsonl"
CLOSED = ".jsonl.zst"
_BUFFER = 1 << 20


def list_files(folder: Path) -> list[str]:
    """Names of the journal's files without their endings, in the order they were begun."""
    names = {path.name.partition(".")[0] for path in folder.glob("*.jsonl*")}
    return sorted(name for name in names if name.isdigit())


def create(folder: Path) -> tuple[str, int]:
    """A new file, locked by this process, its header written: its name and descriptor."""
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        name = f"{int(max(list_files(folder), default='0')) + 1:08d}"
        path = folder / (name + PLAIN)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o640)
        except FileExistsError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Between the two calls above another process may have closed the file as one left by the dead.
        if path.exists() and not (folder / (name + CLOSED)).exists():
            os.write(descriptor, HEADER)
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
    """Turns a plain file into a closed one. The caller holds the lock on it."""
    closed = path.with_name(path.name.removesuffix(PLAIN) + CLOSED)
    write_closed(closed, path)
    path.unlink()


def write_closed(closed: Path, content: Path) -> None:
    """Writes *content* compressed as *closed*, durable and in one step: readers see all of it or nothing."""
    part = closed.with_name(closed.name + ".part")
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
    try:
        with content.open("rb") as source, part.open("wb") as target:
            compressor.copy_stream(source, target, size=content.stat().st_size)
            target.flush()
            os.fsync(target.fileno())
        part.replace(closed)
    finally:
        part.unlink(missing_ok=True)


def close_left(folder: Path) -> int:
    """Compresses files that dead processes left open; the number of them."""
    count = 0
    for path in sorted(folder.glob("*" + PLAIN)):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            if path.exists() and path.stat().st_size:
                compress(path)
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


def content_size(folder: Path, name: str) -> int:
    """Bytes of a file's uncompressed content."""
    try:
        with (folder / (name + CLOSED)).open("rb") as file:
            return zstandard.frame_content_size(file.read(32))
    except FileNotFoundError:
        return (folder / (name + PLAIN)).stat().st_size


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
            remedy="Upgrade with: pip install --upgrade fengping",
        )
    return True
