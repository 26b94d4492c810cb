"""Adds up what the manifest keeps of a segment, while its content streams by."""

from __future__ import annotations

import hashlib
import re
import zlib

from fengping.indexer.journal.manifest import BLOCK, Segment

_TAIL = 1 << 17
_TIME = re.compile(rb'"fetched_at":"([^"]{1,40})"')


class Tally:
    """Lines, bytes, checksum, first and last time of content that comes in pieces."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)
        self.lines = self.bytes = 0
        self._first = b""
        self._last = b""
        self._blocks: list[int] = []
        self._crc = 0

    def take(self, data: bytes) -> None:
        """The next piece of the content."""
        self._hash.update(data)
        self.lines += data.count(b"\n")
        self._take_blocks(memoryview(data))
        self.bytes += len(data)
        if not self._first and (found := _TIME.search(data)):
            self._first = found[1]
        # Of the last lines alone: a document is longer than a piece at the most once in a while.
        for found in _TIME.finditer(data, max(0, len(data) - _TAIL)):
            self._last = found[1]

    def _take_blocks(self, data: memoryview) -> None:
        room = BLOCK - self.bytes % BLOCK
        while data:
            self._crc = zlib.crc32(data[:room], self._crc)
            if len(data) >= room:
                self._blocks.append(self._crc)
                self._crc = 0
            data, room = data[room:], BLOCK

    def segment(self, name: str, packed: int) -> Segment:
        """The manifest's line."""
        digest = self._hash.hexdigest()
        first, last = self._first.decode("ascii", "replace"), self._last.decode("ascii", "replace")
        blocks = [*self._blocks, self._crc] if self.bytes % BLOCK else self._blocks
        crcs = "".join(f"{crc:08x}" for crc in blocks)
        return Segment(name, self.lines, self.bytes, packed, digest, first, last or first, crcs)
