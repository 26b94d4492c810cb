"""The journal's manifest: for each closed segment its lines, bytes, checksum, first and last time.

``MANIFEST`` lies beside the segments. Each of its lines is a checksum of itself and a JSON record, appended
when a segment is closed; a later line of a segment takes the place of an earlier one. A segment is erased
from by writing its new line before the segment, and once more behind it: until then both contents count.
"""

from __future__ import annotations

import os
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from fengping.durable import append_line, write_whole

NAME = "MANIFEST"
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Segment:
    """Content of a closed segment, as it was written."""

    file: str
    lines: int
    bytes: int
    """Of its content, which is compressed on disk."""
    packed: int
    """Bytes on disk."""
    checksum: str
    """BLAKE2b of its content, 16 bytes in hexadecimal digits."""
    first: str
    """Fetch time of its first document; empty where it holds none."""
    last: str
    blocks: str = ""
    """CRC-32 of each :data:`BLOCK` bytes of content, eight digits each: they tell what of it is sound."""
    stamp: str = ""
    """Times of its file when its content was last compared: any write changes them."""
    given_up: str = ""
    """Time ``repair`` set it aside; it is no longer waited for, and taken up again if it comes back."""


def unknown(name: str) -> Segment:
    """A segment that was, of which nothing else is known."""
    return Segment(name, 0, 0, 0, "", "", "")


@dataclass
class Manifest:
    """The lines of a manifest, read."""

    entries: defaultdict[str, list[Segment]] = field(default_factory=lambda: defaultdict(list))
    """By segment, oldest first."""
    damaged: int = 0
    """Lines that are not what was written."""

    def latest(self, name: str) -> Segment | None:
        """The last line of a segment."""
        entries = self.entries.get(name)
        return entries[-1] if entries else None

    def accepted(self, name: str) -> list[Segment]:
        """Contents that a segment may have: the last line, and the one before while it is erased from."""
        return self.entries.get(name, [])[-2:]


def load(folder: Path) -> Manifest:
    """The manifest of the journal in *folder*; empty where there is none."""
    found = Manifest()
    try:
        data = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return found
    for line in data.splitlines():
        check, _, record = line.partition(b" ")
        if check != _check(record):
            found.damaged += 1
            continue
        segment = Segment(**orjson.loads(record))
        found.entries[segment.file].append(segment)
    return found


def add(folder: Path, *segments: Segment) -> None:
    """Appends the lines of *segments* in one step; durable when it returns."""
    path = folder / NAME
    lines = b"".join(map(_line, segments))
    if _is_torn(path):
        lines = b"\n" + lines  # behind a line torn by a loss of power
    append_line(path, lines)


def _is_torn(path: Path) -> bool:
    """True if the last line has no end. Looks at one byte: a manifest has a line a segment."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return file.read() not in {b"\n", b""}
    except FileNotFoundError:
        return False


def rewrite(folder: Path, segments: Iterable[Segment]) -> None:
    """Writes the manifest anew with these lines alone."""
    write_whole(folder / NAME, b"".join(map(_line, segments)))


def lines_of(folder: Path, wanted: Collection[str]) -> bytes:
    """The manifest as it stands, but for lines of segments that are not *wanted*."""
    if not (folder / NAME).exists():
        return b""
    kept = []
    for line in (folder / NAME).read_bytes().splitlines(keepends=True):
        check, _, record = line.rstrip(b"\n").partition(b" ")
        if check != _check(record) or orjson.loads(record)["file"] in wanted:
            kept.append(line)
    return b"".join(kept)


def _line(segment: Segment) -> bytes:
    record = orjson.dumps(asdict(segment))
    return _check(record) + b" " + record + b"\n"


def _check(record: bytes) -> bytes:
    return b"%08x" % zlib.crc32(record)
