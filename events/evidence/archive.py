"""An archive of bytes named by their SHA-256, with a manifest whose lines are chained by hashes.

    PATH/objects/ab/cdef…   the bytes
    PATH/manifest.jsonl     one line a piece (:class:`Piece`), with the hash of the line before and its own

Each line is signed by the deployment's key, and the state database knows the last one (an anchor): a line is
written, then anchored. What a crash left between the two is signed, and taken over by the next line. After a
loss the chain goes on from the anchor, so that the gap stays to be seen.

A line names documents by id and bytes by hash; addresses and headers are themselves objects, so that erasing
a document takes them away and leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import orjson

from fengping import signing
from fengping.clock import iso, parse_moment
from fengping.durable import append_line, write_whole
from fengping.errors import Damaged
from fengping.events.evidence.anchors import Anchor, anchor, by_machine, known_of
from fengping.home import Home
from fengping.locks import in_turn

START = "0" * 64
"""The hash before the first line."""
ADOPTED = "adopted"
"""The first signed line of an archive that a version without signatures began: it covers all before it."""
_SHARED = "kept of another document"
"""Note of an erased line whose bytes stay."""
_HASH = re.compile(r"([0-9a-f]{64})?")
_NUMBERS = {"number", "size"}
_TAIL = 1 << 16
"""Bytes that hold the last line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of the manifest."""

    number: int
    at: str
    document: str
    kind: str
    """response, picture, text, about, look, missing, erased, stamp, adopted."""
    sha256: str
    """Of the bytes; empty where nothing was kept."""
    size: int
    note: str
    """Reason where nothing was kept, finding of a later look."""
    before: str
    own: str = ""
    """SHA-256 of the line without this and the signature."""
    signature: str = ""
    """Of ``own``; empty in lines of versions without signatures."""

    @property
    def hash(self) -> str:
        """What ``own`` is in a line that nobody altered."""
        values = {name: value for name, value in asdict(self).items() if name != "signature"} | {"own": ""}
        return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def is_signed(self, publics: Collection[str]) -> bool:
        """True for a line as the owner of one of the keys *publics* wrote it."""
        return self.own == self.hash and signing.is_signed(self.own.encode(), self.signature, publics)


def erased_in(pieces: Iterable[Piece]) -> set[str]:
    """Hashes of bytes that were erased and not kept again since."""
    return {digest for digest, documents in _owners(pieces).items() if not documents}


def _owners(pieces: Iterable[Piece]) -> dict[str, set[str]]:
    """Documents whose bytes are kept, by the hash; none for bytes that were erased."""
    found: dict[str, set[str]] = {}
    for piece in pieces:
        owners = found.setdefault(piece.sha256, set())
        if piece.kind != "erased":
            owners.add(piece.document)
        elif piece.note == _SHARED:
            owners.discard(piece.document)
        else:
            owners.clear()
    found.pop("", None)
    return found


class Archive:
    """The evidence of one home."""

    def __init__(self, home: Home) -> None:
        self.home, self.path = home, home.var / "evidence"

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
        return self._append(Piece(0, iso(at) or "", document, kind, digest, len(data or b""), note, ""))

    def _append(self, piece: Piece) -> Piece:
        with in_turn(self.path / "lock"):
            self._drop_torn()
            first = next(self.pieces(), None)
            known = known_of(self.home, by_machine(self.home), first.own if first else "")
            tip = self._tip(known[-1] if known else Anchor(first.own if first else "", 0, START))
            if first and not known and not any(one.signature for one in self.pieces()):
                line = self._write(tip, Piece(0, piece.at, "", ADOPTED, "", 0, f"{tip.length} lines", ""))
                tip = Anchor(tip.archive, line.number, line.own)
            return self._write(tip, piece)

    def _write(self, tip: Anchor, piece: Piece) -> Piece:
        """Writes a line behind the *tip*, then the anchor."""
        line = replace(piece, number=tip.length + 1, before=tip.head)
        line = replace(line, own=line.hash)
        line = replace(line, signature=signing.sign(self.home, line.own.encode()))
        append_line(self.manifest, orjson.dumps(asdict(line), option=orjson.OPT_APPEND_NEWLINE))
        anchor(self.home, Anchor(tip.archive or line.own, line.number, line.own))
        return line

    def _tip(self, known: Anchor) -> Anchor:
        """The line that the next one follows: the one *known*, or what a crash left behind it."""
        last = self.last()
        if last is None or last.own == known.head:
            return known
        if not known.length:
            return Anchor(known.archive, last.number, last.own)
        publics = signing.keys(self.home)
        for piece in self.pieces():
            if (piece.number - 1, piece.before) == (known.length, known.head) and piece.is_signed(publics):
                known = Anchor(known.archive, piece.number, piece.own)
        return known

    def _drop_torn(self) -> None:
        """Cuts off the begin of a line that a crash left: it was never anchored."""
        if self.manifest.exists() and not self._tail().endswith(b"\n"):
            with self.manifest.open("rb+") as file:
                file.truncate(file.read().rfind(b"\n") + 1)

    def _tail(self) -> bytes:
        with self.manifest.open("rb") as file:
            file.seek(max(0, self.manifest.stat().st_size - _TAIL))
            return file.read()

    def object(self, digest: str) -> Path:
        """Path of the bytes of that hash."""
        return self.path / "objects" / digest[:2] / digest[2:]

    def pieces(self, document: str = "") -> Iterator[Piece]:
        """Lines of the manifest, of *document* alone where given. Raises :class:`Damaged`."""
        if not self.manifest.exists():
            return
        with self.manifest.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return  # begun by a process that died, or that is at it
                piece = self._read(line, f"Line {number}")
                if not document or piece.document == document:
                    yield piece

    def _read(self, line: bytes, name: str) -> Piece:
        try:
            piece = Piece(**orjson.loads(line))
            for part in Piece.__slots__:
                if type(getattr(piece, part)) is not (int if part in _NUMBERS else str):
                    raise TypeError(part)
            if not _HASH.fullmatch(piece.sha256):  # it names a file
                raise ValueError(piece.sha256)
            return piece
        except (ValueError, TypeError) as error:
            raise Damaged(
                f"{name} of {self.manifest} is none of the manifest's.",
                remedy="Put back a copy of the archive.",
            ) from error

    def size(self) -> int:
        """Bytes of all objects."""
        return sum(file.stat().st_size for file in (self.path / "objects").glob("*/*"))

    def kept_before(self, moment: datetime) -> set[str]:
        """Documents of which nothing was kept at *moment* or later."""
        last: dict[str, str] = {}
        for piece in self.pieces():
            if piece.document and piece.sha256 and piece.kind != "erased":
                last[piece.document] = max(piece.at, last.get(piece.document, ""))
        return {document for document, at in last.items() if parse_moment(at) < moment}

    def only_in(self, documents: Collection[str]) -> set[str]:
        """Those of *documents* that have bytes which :meth:`erase` would take away."""
        wanted, owners = set(documents), _owners(self.pieces())
        own = (p for p in self.pieces() if p.document in wanted and p.sha256 and owners[p.sha256] <= wanted)
        return {piece.document for piece in own if self.object(piece.sha256).exists()}

    def erase(self, documents: Collection[str], at: datetime) -> int:
        """Takes the bytes of *documents* away, those that others share with the last of them; the chain goes
        on."""
        gone = {
            (piece.sha256, piece.document)
            for piece in self.pieces()
            if piece.document in documents and piece.sha256
        }
        count = 0
        owners = _owners(self.pieces())
        for digest, document in sorted(gone):
            ours = document in owners[digest]
            owners[digest].discard(document)
            # The line first: after a crash between, the next try finds the bytes.
            if owners[digest]:
                if ours:
                    self._append(Piece(0, iso(at) or "", document, "erased", digest, 0, _SHARED, ""))
            elif self.object(digest).exists():
                self._append(Piece(0, iso(at) or "", document, "erased", digest, 0, "", ""))
                self.object(digest).unlink()
                count += 1
        return count

    def last(self) -> Piece | None:
        """The latest line of the manifest."""
        lines = self._tail().splitlines(keepends=True) if self.manifest.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]
        return self._read(whole[-1], "The last line") if whole else None
