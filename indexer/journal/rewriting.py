"""Closed segments of the journal written anew: each line keeps its length, so that no cursor moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

import orjson
import zstandard

from fengping.errors import UsageError
from fengping.indexer.journal import files, manifest
from fengping.indexer.journal.lines import Fault, decode
from fengping.models import RawDocument

Doomed = Callable[[RawDocument], bool]
Rename = Callable[[RawDocument], str | None]
"""The new name of a document's author; ``None`` leaves the one it has."""


def blank(folder: Path, name: str, doomed: Doomed, broken: Callable[[bytes], bool]) -> set[str]:
    """Turns the lines of doomed documents to spaces, and those without a document that are *broken*; the ids.

    Raises :class:`UsageError` where a process still writes the segment *name*.
    """

    def ids(stream: BinaryIO) -> Iterator[tuple[int, str]]:
        for number, data in enumerate(stream):
            line = decode(name, number, data)
            if line.document is not None:
                if doomed(line.document):
                    yield number, line.document.id
            elif line.fault is Fault.CORRUPT and broken(data):
                yield number, ""

    return _changed(folder, name, ids, lambda data: b" " * (len(data) - 1) + b"\n", "to be erased")


def rename(folder: Path, name: str, renamed: Rename) -> set[str]:
    """Gives authors other names in the segment *name*; ids of their documents. Raises like :func:`blank`."""

    def ids(stream: BinaryIO) -> Iterator[tuple[int, str]]:
        for number, data in enumerate(stream):
            document = decode(name, number, data).document
            if document is not None and renamed(document) is not None:
                yield number, document.id

    def change(data: bytes) -> bytes:
        document = decode(name, 0, data).document
        assert document is not None
        record = orjson.loads(data)
        for author in (renamed(document), ""):
            new = orjson.dumps(record | {"author": author})
            if len(new) < len(data):
                end = data[-1:] if data.endswith(b"\n") else b""  # a torn line stays one
                return new.ljust(len(data) - len(end)) + end
        return data

    return _changed(folder, name, ids, change, "whose authors are to be masked")


def _changed(
    folder: Path,
    name: str,
    ids: Callable[[BinaryIO], Iterator[tuple[int, str]]],
    change: Callable[[bytes], bytes],
    what: str,
) -> set[str]:
    """Writes a segment with some lines changed; one that cannot be unpacked to its end stays as it is."""
    with files.open_file(folder, name) as (stream, path):
        try:
            found = dict(ids(stream))
        except zstandard.ZstdError:
            return set()
    if found and path.name.endswith(files.PLAIN):
        raise UsageError(
            f"A running process writes {path}, which holds documents {what}.",
            remedy="Wait until the crawl or import has ended and run again.",
        )
    if found:
        _write(folder, name, path, found.keys(), change)
    return {document_id for document_id in found.values() if document_id}


def _write(
    folder: Path, name: str, closed: Path, numbers: Collection[int], change: Callable[[bytes], bytes]
) -> None:
    rewritten = folder / f".{name}.rewritten"
    with files.open_file(folder, name) as (stream, _), rewritten.open("wb") as target:
        for number, data in enumerate(stream):
            target.write(change(data) if number in numbers else data)
    # The manifest first, so that no reader takes the new content for damage; and again behind it.
    segment = files.write_closed(closed, rewritten, before=lambda found: manifest.add(folder, found))
    manifest.add(folder, segment)
    rewritten.unlink()
