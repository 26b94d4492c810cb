"""File formats by their first bytes rather than their names, and the rows of a file."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast
from xml.etree import ElementTree

from fengping.errors import UsageError
from fengping.indexer.importing.databases import read_database
from fengping.indexer.importing.encodings import guess_encoding
from fengping.indexer.importing.rows import Table
from fengping.indexer.importing.texts import read_csv, read_json


class Kind(StrEnum):
    JSON = "JSON"
    CSV = "CSV"
    WORKBOOK = "XLSX"
    OLD_WORKBOOK = "XLS"
    WEB_TABLE = "XLS that is HTML"
    DATABASE = "SQLite"
    FEED = "RSS or Atom"
    WARC = "WARC"
    PAGES = "saved pages"


_SIGNATURES = (
    (b"PK\x03\x04", Kind.WORKBOOK),
    (b"\xd0\xcf\x11\xe0", Kind.OLD_WORKBOOK),
    (b"WARC/", Kind.WARC),
    (b"SQLite format 3", Kind.DATABASE),
)
_NO_TABLES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
)


_FEED = re.compile(r"\A(?:<[?!][^>]*>\s*)*<(?:rss|feed|rdf:RDF)\b")

DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, ElementTree.ParseError)
"""Errors of the readers of packed files for one that is cut off or overwritten."""


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Turns :data:`DAMAGE` into a :class:`UsageError`, for work that has imported nothing yet."""
    try:
        yield
    except DAMAGE as error:
        raise UsageError(f"{path} is damaged: {error}.", remedy="Fetch or export it again.") from error


class Input:
    """One file to import, opened as often as needed, gzip or plain."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        """*encoding* is what the user says; empty means that it is guessed.

        Raises :class:`UsageError` where *path* is not there, or no kind of file that can be imported.
        """
        self.path = path
        if not path.exists():
            raise UsageError(f"{path} does not exist.")
        self.size = path.stat().st_size
        self._raw: BinaryIO | None = None
        self.encoding = encoding
        self.kind = Kind.PAGES if path.is_dir() else self._recognise()

    @property
    def position(self) -> int:
        """Bytes of the file read so far, as stored (compressed)."""
        return 0 if self._raw is None or self._raw.closed else self._raw.tell()

    def open_packed(self) -> BinaryIO:
        """The file's bytes from the beginning, as they are stored."""
        self._raw = self.path.open("rb")
        return self._raw

    def open(self) -> BinaryIO:
        """The file's bytes from the beginning, unpacked."""
        stream = self.open_packed()
        magic = stream.read(2)
        stream.seek(0)
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if magic == b"\x1f\x8b" else stream

    def tables(self) -> Iterator[Table]:
        """The tables of a table file, one after the other."""
        if self.kind in {Kind.WORKBOOK, Kind.OLD_WORKBOOK, Kind.WEB_TABLE}:
            # Imported here: most imports need no workbook reader.
            from fengping.indexer.importing import workbooks

            with self._seekable() as stream:
                if self.kind is Kind.WORKBOOK:
                    yield from workbooks.read_workbook(stream, self.path.name)
                elif self.kind is Kind.OLD_WORKBOOK:
                    yield from workbooks.read_old_workbook(stream, self.path.name)
                else:
                    yield from workbooks.read_web_table(stream, self.path.name, self.encoding)
            return
        if self.kind is Kind.DATABASE:
            yield from read_database(self.path)
            return
        with self.open() as stream:
            if self.kind is Kind.FEED:
                from fengping.indexer.importing.feeds import read_feed  # as above

                yield read_feed(stream, self.path.name)
                return
            text = io.TextIOWrapper(stream, self.encoding, errors="surrogateescape", newline="")
            yield (read_json if self.kind is Kind.JSON else read_csv)(text, self.path.name)

    def _seekable(self) -> BinaryIO:
        """A workbook is a ZIP file, read from its end: unpacked into a temporary file where it is gzipped."""
        stream = self.open()
        if not isinstance(stream, gzip.GzipFile):
            return stream
        copy = tempfile.TemporaryFile()  # noqa: SIM115  closed by the caller
        with stream:
            shutil.copyfileobj(stream, copy)
        copy.seek(0)
        return copy

    def _recognise(self) -> Kind:
        with sound(self.path), self.open() as stream:
            head = stream.read(4096)
        for signature, kind in _SIGNATURES:
            if head.startswith(signature):
                return kind
        for signature, what in _NO_TABLES:
            if head.startswith(signature):
                raise UsageError(
                    f"{self.path} is {what}.",
                    remedy="JSON, CSV, XLSX, SQLite, RSS, WARC, saved pages can be imported, also gzipped.",
                )
        if not head.strip():
            raise UsageError(f"{self.path} is empty.")
        if not self.encoding:
            with sound(self.path), self.open() as stream:
                self.encoding = guess_encoding(stream, str(self.path))
        try:
            text = head.decode(self.encoding, "ignore").lstrip("\ufeff \t\r\n")
        except LookupError:
            raise UsageError(
                f"Unknown encoding {self.encoding!r}.", remedy="Try --encoding gb18030."
            ) from None
        if text.startswith(("{", "[")):
            return Kind.JSON
        if _FEED.search(text):
            return Kind.FEED
        if text.startswith("<"):
            # Web systems often export a page with one table and call it an Excel file.
            return Kind.WEB_TABLE if ".xls" in self.path.suffixes else Kind.PAGES
        return Kind.CSV
