"""An archive of bytes named by their SHA-256, with a manifest whose lines are chained by hashes.

    PATH/objects/ab/cdef…   the bytes
    PATH/manifest.jsonl     one line a piece (:class:`Piece`), with the hash of the line before and its own

A line names documents by id and bytes by hash; addresses and headers are themselves objects, so that erasing
a document takes them away and leaves the chain whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from fengping.clock import iso, parse_moment
from fengping.durable import append_line, write_whole
from fengping.errors import Damaged
from fengping.locks import sole_process

START = "0" * 64
"""The hash before the first line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the manifest."""

    number: int
    at: str
    document: str
    kind: str
    """response, picture, text, about, look, missing, erased, stamp."""
    sha256: str
    """Of the bytes; empty where nothing was kept."""
    size: int
    note: str
    """Reason where nothing was kept, finding of a later look."""
    before: str
    own: str = ""

    def sealed(self) -> Piece:
        """The line with its own hash."""
        values = asdict(self) | {"own": ""}
        own = hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return Piece(**(values | {"own": own}))


class Archive:
    """The evidence of one home."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def manifest(self) -> Path:
        return self.path / "manifest.jsonl"

    def add(self, document: str, kind: str, data: bytes | None, at: datetime, note: str = "") -> Piece:
        """Keeps *data* (or says by *note* why there is none) and writes the line; durable when it returns."""
        self.path.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(data).hexdigest() if data is not None else ""
        if data is not None and not self.object(digest).exists():
            self.object(digest).parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.object(digest), data)
        with sole_process(self.path / "lock", "writes the evidence of this home"):
            last = self.last()
            piece = Piece(
                last.number + 1 if last else 1, iso(at) or "", document, kind, digest, len(data or b""), note,
                last.own if last else START,
            ).sealed()  # fmt: skip
            append_line(self.manifest, orjson.dumps(asdict(piece), option=orjson.OPT_APPEND_NEWLINE))
        return piece

    def object(self, digest: str) -> Path:
        """Path of the bytes of that hash."""
        return self.path / "objects" / digest[:2] / digest[2:]

    def pieces(self, document: str = "") -> Iterator[Piece]:
        """Lines of the manifest, of *document* alone where given. Raises :class:`Damaged`."""
        if not self.manifest.exists():
            return
        with self.manifest.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    piece = Piece(**orjson.loads(line))
                except (ValueError, TypeError) as error:
                    raise Damaged(
                        f"Line {number} of {self.manifest} is none of the manifest's.",
                        remedy="Put back a copy of the archive.",
                    ) from error
                if not document or piece.document == document:
                    yield piece

    def size(self) -> int:
        """Bytes of all objects."""
        return sum(file.stat().st_size for file in (self.path / "objects").glob("*/*"))

    def faults(self) -> list[str]:
        """One sentence for everything that is not as it was kept; none means the archive is unaltered."""
        found, before, erased = [], START, set()
        pieces = list(self.pieces())
        erased = {piece.sha256 for piece in pieces if piece.kind == "erased"}
        for place, piece in enumerate(pieces, 1):
            if piece.number != place or piece.before != before or piece.sealed().own != piece.own:
                found.append(f"Line {place} of the manifest was altered, or a line before it is missing.")
            before = piece.own
            if not piece.sha256 or piece.sha256 in erased:
                continue
            file = self.object(piece.sha256)
            if not file.exists():
                found.append(f"The {piece.kind} of {piece.document} (line {place}) is missing.")
            elif hashlib.sha256(file.read_bytes()).hexdigest() != piece.sha256:
                found.append(f"The {piece.kind} of {piece.document} (line {place}) was altered.")
        return found

    def kept_before(self, moment: datetime) -> set[str]:
        """Documents of which nothing was kept at *moment* or later."""
        last: dict[str, str] = {}
        for piece in self.pieces():
            if piece.document and piece.sha256 and piece.kind != "erased":
                last[piece.document] = max(piece.at, last.get(piece.document, ""))
        return {document for document, at in last.items() if parse_moment(at) < moment}

    def only_in(self, documents: Collection[str]) -> set[str]:
        """Those of *documents* that have bytes which :meth:`erase` would take away."""
        shared = {piece.sha256 for piece in self.pieces() if piece.document not in documents}
        own = (p for p in self.pieces() if p.document in documents and p.sha256 and p.sha256 not in shared)
        return {piece.document for piece in own if self.object(piece.sha256).exists()}

    def erase(self, documents: Collection[str], at: datetime) -> int:
        """Takes the bytes of *documents* away, except those that others share; the chain goes on."""
        gone = {
            piece.sha256: piece for piece in self.pieces() if piece.document in documents and piece.sha256
        }
        shared = {piece.sha256 for piece in self.pieces() if piece.document not in documents}
        count = 0
        for digest, piece in gone.items():
            if digest not in shared and self.object(digest).exists():
                self.object(digest).unlink()
                self._mark_erased(piece, at)
                count += 1
        return count

    def _mark_erased(self, piece: Piece, at: datetime) -> None:
        with sole_process(self.path / "lock", "writes the evidence of this home"):
            last = self.last()
            assert last is not None
            line = Piece(
                last.number + 1, iso(at) or "", piece.document, "erased", piece.sha256, 0, "", last.own
            ).sealed()
            append_line(self.manifest, orjson.dumps(asdict(line), option=orjson.OPT_APPEND_NEWLINE))

    def last(self) -> Piece | None:
        """The latest line of the manifest."""
        if not self.manifest.exists() or not self.manifest.stat().st_size:
            return None
        with self.manifest.open("rb") as file:
            file.seek(max(0, self.manifest.stat().st_size - 4096))
            values: dict[str, Any] = orjson.loads(file.read().splitlines()[-1])
        return Piece(**values)
