"""Matcher for mentions of forgotten documents in files that are no journal: logs, side files, prints, pages.

A trace is an address, or the longest line of a title or text, of at least :data:`SHORTEST` characters:
what is shorter stands in everybody's posts and tells nothing of anybody.
"""

from __future__ import annotations

import gzip
import html
import io
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from fengping.models import Kind, RawDocument

SHORTEST = 8

_ID = re.compile(r"[0-9a-f]{32}")
_ESCAPES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    # Half surrogate pairs stay halves: no trace is lost that lies within the basic plane.
    ("\\u", re.compile(r"\\u([0-9a-fA-F]{4})"), lambda it: chr(int(it[1], 16))),
    ("\\", re.compile(r"\\+([`*_\[\]<>#|~])"), lambda it: it[1]),
    ("&", re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);?"), lambda it: html.unescape(it[0])),
)
"""Ways of writing a character as several, of JSON, Markdown and HTML: a sign of it, its form, its meaning."""
ADDRESS_GOES_ON = re.compile(r"[\w/?=&%#~-]")
"""Characters that continue an address beyond one that is only its beginning."""

_PDF, _GZIP, _ZIP = b"%PDF", b"\x1f\x8b", b"PK\x03\x04"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_WHOLE = (_PDF, _GZIP, _ZIP, *_UTF16)
"""Beginnings of files that can be read as a whole only, or not at all."""
_HEAD = 4
_AT_ONCE = 2**22

_SIZES = (64, 32, 16, SHORTEST)
"""Lengths looked up: posts begin alike, so the longer the better."""


class Traces:
    """Finds traces of documents in any text, in time linear in it, however many documents there are."""

    def __init__(self, documents: Iterable[RawDocument]) -> None:
        self.ids: set[str] = set()
        self.addresses: set[str] = set()
        said: set[str] = set()
        for document in documents:
            self.ids.add(document.id)
            if document.kind is not Kind.COMMENT:
                # A comment bears its post's address.
                self.addresses |= {document.url, document.canonical_url} - {""}
            for text in (document.title, document.text):
                said.add(max(text.splitlines(), key=len, default="").strip())
        self._at: dict[int, defaultdict[str, list[tuple[int, str]]]] = {
            size: defaultdict(list) for size in _SIZES
        }
        for trace in said:
            if size := _size(trace):
                self._at[size][trace[:size]].append((0, trace))
        for trace in self.addresses:
            # Addresses differ at their ends.
            if size := _size(trace):
                self._at[size][trace[-size:]].append((len(trace) - size, trace))

    def within(self, text: str) -> bool:
        """True if *text* holds a trace or an id."""
        return any(id in self.ids for id in _ID.findall(text)) or any(self._marked(text))

    def blanked(self, text: str) -> str:
        """*text* with each trace as an ellipsis."""
        parts, end = [], 0
        for start, stop in sorted(self._marked(text), key=lambda span: (span[0], -span[1])):
            if start >= end:
                parts += [text[end:start], "…"]
                end = stop
        return "".join([*parts, text[end:]])

    def _marked(self, text: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each trace in *text*, also where it is written with escapes."""
        yield from self.spans(text)
        for sign, form, meaning in _ESCAPES:
            if sign in text and (read := form.sub(meaning, text)) != text:
                places: list[int] = []
                for start, stop in self.spans(read):
                    places = places or _places(text, form, meaning)
                    yield places[start], places[stop]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each trace in *text*, from the left; some may overlap."""
        sized = [(size, at) for size, at in self._at.items() if at]
        for place in range(len(text) - SHORTEST + 1):
            for size, at in sized:
                for before, trace in at.get(text[place : place + size], ()):
                    start, stop = place - before, place - before + len(trace)
                    whole = start >= 0 and text.startswith(trace, start)
                    if whole and not (trace in self.addresses and ADDRESS_GOES_ON.match(text, stop)):
                        yield start, stop


def _size(trace: str) -> int:
    """Return the length of a trace that is looked up at once; 0 for one that is too short."""
    return next((size for size in _SIZES if size <= len(trace)), 0)


def texts_of(file: Path) -> Iterator[str]:
    """The texts that a file holds: itself, some lines at a time, or what is packed in it.

    Raises :class:`Unreadable` for a PDF or a file that has one packed in it, and for what is damaged.
    """
    with file.open("rb") as stream:
        if stream.peek(_HEAD)[:_HEAD].startswith(_WHOLE):
            yield from texts_in(stream.read(), str(file))
            return
        while lines := stream.readlines(_AT_ONCE):  # exports are larger than memory
            yield _decoded(b"".join(lines))


def texts_in(data: bytes, name: str) -> Iterator[str]:
    """The texts in the bytes of a file called *name*. Raises :class:`Unreadable` as :func:`texts_of`."""
    try:
        if data.startswith(_PDF):
            raise Unreadable(name)
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        if data.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                yield from _texts_packed(parts)
            return
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:  # the last: a password
        raise Unreadable(name) from error
    yield _decoded(data)


def _texts_packed(parts: zipfile.ZipFile) -> Iterator[str]:
    closed = ""
    for name in parts.namelist():
        try:
            yield from texts_in(parts.read(name), name)
        except Unreadable:
            closed = name
    if closed:
        raise Unreadable(closed)


class Unreadable(Exception):
    """A file whose text cannot be looked at."""


def holding(files: Iterable[Path], traces: Traces) -> tuple[list[Path], list[Path]]:
    """Those of *files* that hold a trace, and those that cannot be looked at."""
    found, closed = [], []
    for file in files:
        try:
            if any(traces.within(text) for text in texts_of(file)):
                found.append(file)
        except Unreadable:
            closed.append(file)
    return found, closed


def blank_lines(file: Path, traces: Traces) -> int:
    """Overwrites lines that hold a trace with blanks of their length, for a process may be appending; their
    number."""
    count = 0
    with file.open("r+b") as stream:
        while data := stream.readline():
            if traces.within(_decoded(data)):
                said = len(data.rstrip(b"\r\n"))
                stream.seek(-len(data), 1)
                stream.write(b" " * said + data[said:])
                count += 1
    return count


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _places(text: str, form: re.Pattern[str], meaning: Callable[[re.Match[str]], str]) -> list[int]:
    """The place in *text* of each character that it stands for; last, its end."""
    places, end = list[int](), 0
    for found in form.finditer(text):
        if (said := meaning(found)) != found[0]:
            places += [*range(end, found.start()), *([found.start()] * len(said))]
            end = found.end()
    return [*places, *range(end, len(text) + 1)]
