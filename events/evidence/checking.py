"""An archive of evidence compared with its signatures, the state database, and the documents on hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from fengping import signing
from fengping.durable import sum_of
from fengping.events import tables
from fengping.events.evidence import stamping
from fengping.events.evidence.anchors import Anchor, by_machine, known_of
from fengping.events.evidence.archive import ADOPTED, START, Archive, Piece, erased_in
from fengping.home import Home
from fengping.state import State

_NAMED = 3
"""Documents that a sentence names."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The archive as it was found."""

    faults: tuple[str, ...]
    """One sentence for everything that is not as it was kept; none means the archive is unaltered."""
    lines: int
    signed_from: int
    """The first line that must be signed; those before are covered by it. 0: none is signed yet."""

    @property
    def sentence(self) -> str:
        """What is claimed of an archive without faults."""
        if not self.lines:
            return "Nothing is kept as evidence yet."
        if not self.signed_from:
            return f"The {self.lines:,} lines of the manifest fit together; the next one signs them."
        rest = f"; line {self.signed_from:,} covers the lines before it" if self.signed_from > 1 else ""
        return (
            f"All {self.lines:,} lines of the manifest are as the state database knows them, and are signed"
            f"{rest}. Each page is unchanged since it was captured here;"
            " that says nothing of whether it was true."
        )


def verify(home: Home, archive: Archive, *, whole: bool = True, also: Iterable[Anchor] = ()) -> Verified:
    """Compares the archive with all that is known of it, *also* with heads that editions printed.

    Without *whole* the content of objects, signatures up to the anchor, which vouches for these lines, and
    stamps are left out. Raises :class:`Damaged` for a manifest that cannot be read.
    """
    # Before the lines: what is added meanwhile lies behind them.
    every, holds = by_machine(home), _on_hold(home)
    pieces = list(archive.pieces())
    known = known_of(home, every, pieces[0].own if pieces else "")
    begun = known or any(piece.signature for piece in pieces)
    publics = signing.keys(home) if begun else ()
    begin, anchored = _begin(pieces, known), known[-1].length if known and not whole else 0
    sound = [
        place
        for place, one in enumerate(pieces, 1)
        if place < begin or (one.signature if place <= anchored else one.is_signed(publics))
    ]
    unsigned = sorted({*range(1, len(pieces) + 1)} - set(sound))
    trusted = [pieces[place - 1] for place in sound]
    names = {one.archive for one in known} | ({pieces[0].own} if pieces else set())
    elsewhere = {one.archive for one in every.values()} - names
    found = [
        *_broken(pieces),
        *_unsigned(unsigned),
        *_unknown(archive, pieces, known),
        *_cut(archive, pieces, [*known, *(one for one in also if one.archive not in elsewhere)]),
        *_objects(archive, trusted, whole=whole),
        *(() if elsewhere else _lacking(holds, trusted)),  # another machine may have it
        *(stamping.faults(archive) if whole else ()),
    ]
    signed = begin if known or begin <= len(pieces) else 0
    return Verified(tuple(found), len(pieces), signed)


def _begin(pieces: Sequence[Piece], known: Sequence[Anchor]) -> int:
    """The place from which on lines are signed."""
    first = next((place for place, one in enumerate(pieces, 1) if one.signature), 0)
    if first and pieces[first - 1].kind == ADOPTED:
        return first
    return 1 if first or known else len(pieces) + 1


def _broken(pieces: Sequence[Piece]) -> list[str]:
    number, before, found = 0, START, []
    for place, piece in enumerate(pieces, 1):
        if (piece.number, piece.before) != (number + 1, before) or piece.hash != piece.own:
            found.append(f"Line {place} of the manifest was altered, or a line before it is missing.")
        number, before = piece.number, piece.own
    return found


def _unsigned(places: Sequence[int]) -> list[str]:
    """One sentence for each run of *places* of lines that the key did not sign."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [
        f"Line {run[0]} of the manifest is not signed by the key in var/signing.pem."
        if len(run) == 1
        else f"Lines {run[0]} to {run[-1]} of the manifest are not signed by the key in var/signing.pem."
        for run in runs
    ]


def _unknown(archive: Archive, pieces: Sequence[Piece], known: Sequence[Anchor]) -> list[str]:
    if not known and any(piece.signature for piece in pieces):
        return [f"The state database does not know {archive.manifest}, which is signed: was it replaced?"]
    return []


def _cut(archive: Archive, pieces: Sequence[Piece], known: Sequence[Anchor]) -> list[str]:
    lines = {piece.number: piece.own for piece in pieces}
    lost = max((one.length for one in known if one.length not in lines), default=0)
    found = []
    if lost and not pieces:
        found.append(f"The archive is gone: {archive.manifest} had {lost:,} lines.")
    elif lost:
        found.append(f"The manifest had {lost:,} lines: the last ones are missing.")
    other = sorted({one.length for one in known if lines.get(one.length, one.head) != one.head})
    return found + [f"Line {number} of the manifest is not the one that was anchored." for number in other]


def _objects(archive: Archive, pieces: Sequence[Piece], *, whole: bool) -> list[str]:
    found = []
    erased = erased_in(pieces)
    for piece in pieces:
        if not piece.sha256 or piece.sha256 in erased or piece.kind == "erased":
            continue
        file = archive.object(piece.sha256)
        name = f"The {piece.kind} of {piece.document} (line {piece.number})"
        if not file.exists():
            found.append(f"{name} is missing.")
        elif whole and sum_of(file) != piece.sha256:
            found.append(f"{name} was altered.")
    return found


def _on_hold(home: Home) -> set[str]:
    with State.open(home).begin() as connection:
        return set(connection.scalars(select(tables.holds.c.document).where(tables.holds.c.looks >= 0)))


def _lacking(holds: Collection[str], pieces: Sequence[Piece]) -> list[str]:
    """Documents on hold of which the archive has no text."""
    erased = erased_in(pieces)
    kept = {one.document for one in pieces if one.kind == "text" and one.sha256 not in erased}
    if not (lacking := sorted(set(holds) - kept)):
        return []
    names = ", ".join([*lacking[:_NAMED], *(["…"] if len(lacking) > _NAMED else [])])
    return [f"Of {len(lacking):,} documents on hold nothing is in the archive: {names}."]
