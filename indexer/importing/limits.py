"""Limits on what one row, page or workbook may be: files come from anybody, small ones unpack to anything."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from fengping.errors import UsageError

LONGEST_LINE = 2**23
"""Characters of a line, and of an object in an array."""
LONGEST_RECORD = 2**24
"""Characters of a CSV record over all its lines."""
DEEPEST = 30
"""Objects within objects."""
LARGEST_PAGE = 2**26
"""Bytes of one saved page, unpacked."""
LARGEST_STRINGS = 2**29
"""Bytes of a workbook's table of strings, which is held in memory."""
LARGEST_WORKBOOK = 2**33

TOO_LONG = f"a line of more than {LONGEST_LINE:,} characters"
TOO_DEEP = f"objects nested more than {DEEPEST} deep"
TOO_LARGE = f"a page of more than {LARGEST_PAGE:,} bytes"

_SHOWN = 200


class LongLine(str):
    """The beginning of a line that was too long to be read."""


class Rejoined:
    """A text stream of which the beginning was read already."""

    def __init__(self, head: str, stream: TextIO) -> None:
        self._head = io.StringIO(head, newline="")
        self._stream = stream

    def readline(self, size: int) -> str:
        """Up to a line end, or *size* characters."""
        line = self._head.readline(size)
        if len(line) < size and not line.endswith("\n"):
            line += self._stream.readline(size - len(line))
        return line


def bounded_lines(stream: TextIO | Rejoined) -> Iterator[str]:
    """The lines of *stream*; of one that is too long its beginning, as a :class:`LongLine`."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            yield line
            continue
        beginning = line[:_SHOWN]
        while line and not line.endswith("\n"):
            line = stream.readline(LONGEST_LINE)
        yield LongLine(beginning)


def read_page(stream: BinaryIO) -> bytes | None:
    """All of *stream*; ``None`` where it is too large for a page."""
    data = stream.read(LARGEST_PAGE + 1)
    return data if len(data) <= LARGEST_PAGE else None


def check_workbook(stream: BinaryIO, name: str) -> None:
    """Raises :class:`UsageError` for a workbook that unpacks to more than can be read."""
    with zipfile.ZipFile(stream) as parts:
        sizes = {part.filename: part.file_size for part in parts.infolist()}
    strings = max((size for part, size in sizes.items() if "sharedStrings" in part), default=0)
    if strings > LARGEST_STRINGS or sum(sizes.values()) > LARGEST_WORKBOOK:
        raise UsageError(
            f"{name} unpacks to {sum(sizes.values()):,} bytes.", remedy="Save it in parts, or as CSV."
        )
    stream.seek(0)
