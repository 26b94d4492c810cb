"""An import taken back: its documents go, and unlike forgotten ones may be imported again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from fengping.erasure import Erasure
from fengping.erasure.traces import Traces
from fengping.errors import Failed, UsageError
from fengping.events import erase as of_events
from fengping.events.evidence import keeping
from fengping.home import Home
from fengping.indexer import erase as of_indexer
from fengping.indexer import import_lock, index_lock, open_journal
from fengping.indexer.importing.again import Content, Holder, Terms, drop_run, hand_over, holders, owned
from fengping.indexer.importing.known_files import disremember
from fengping.indexer.importing.run import take_back
from fengping.indexer.importing.runs import ImportRun, import_run, note_undone, recorded_runs
from fengping.indexer.journal import fingerprint, remembered
from fengping.models import RawDocument
from fengping.state import State


@dataclass(frozen=True)
class Undone:
    """Counts of what an undone import took with it."""

    number: int
    documents: int
    """Documents of which nothing is left."""
    restored: int
    """Documents of which an earlier or later version stands again."""
    kept: int
    """Rows that stay, because a later import of the same source brought them too."""
    later: tuple[str, ...]
    """Sentences on the work left undone."""

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form."""
        return {
            "number": self.number,
            "documents": self.documents,
            "restored": self.restored,
            "kept": self.kept,
            "later": list(self.later),
        }


def imports(home: Home) -> list[ImportRun]:
    """The imports of a home, oldest first."""
    return recorded_runs(State.open(home))


def undo_imports(home: Home, numbers: Collection[int], now: datetime) -> Iterator[Undone]:
    """Takes several imports back, the latest first. Raises :class:`UsageError` before anything is taken back
    where one of *numbers* is none or was undone; further as :func:`undo_import`."""
    state = State.open(home)
    for number in numbers:
        _in_force(state, number)
    for number in sorted(set(numbers), reverse=True):
        yield undo_import(home, number, now)


def _in_force(state: State, number: int) -> ImportRun:
    run = import_run(state, number)
    if run is None:
        raise UsageError(f"There is no import {number}.", remedy="See: fengping import --list")
    if run.undone_at is not None:
        raise UsageError(f"Import {number} was undone already.", remedy="See: fengping import --list")
    return run


def undo_import(home: Home, number: int, now: datetime) -> Undone:
    """Takes import *number* back, as if it had not been; corrections made by hand stay, and so does what a
    later import of the same source brought too: it is that one's then.

    The journal comes last, so that a second call finishes what was interrupted. Raises :class:`UsageError`
    for a number that is none or was undone, and where evidence is on hold; :class:`Failed` where one of its
    journal files is damaged.
    """
    with index_lock(home) as right, import_lock(home) as importing:
        state = right.state(importing.state(State.open(home)))
        run = _in_force(state, number)
        with state.begin() as connection:
            others = owned(connection, number)
        had = _had(home, run, others)
        with state.begin() as connection:
            kept, anew = _held(connection, run, had)
        contents = had.keys() - kept.keys()
        gone, rest = _split(home, run, contents)
        if held := keeping.held(home, {document.id for document in gone}):
            raise UsageError(
                f"{len(held):,} of these documents are on hold as evidence, {held[0]} among them.",
                remedy=f"fengping evidence release {held[0]}",
            )
        erasure = Erasure(home, gone, Traces(gone), lambda _line, _at: False, now, right=right)
        stored = of_indexer.erase_stores(erasure, come_again=bool(rest))
        of_events.erase_members(erasure)
        with open_journal(home).writer() as journal:
            # Behind the index's cursor: what is left is judged anew by its next run.
            journal.append(*rest.values())
            journal.sync()
        with state.begin() as connection:
            take_back(connection, contents)
            hand_over(connection, kept)
            disremember(connection, [content for content in run.files.values() if content], run.source)
        whole = open_journal(home)
        whole.erase(lambda document: _is_of(document, run, contents), at=now, forgotten=False)
        remembered.keep(home)
        if not kept:  # else some of what waits on another machine stays
            whole.make_void(run.segments)
        with state.begin() as connection:
            note_undone(connection, number, now)
            drop_run(connection, number)
    ids = {document.id for document in gone}
    later = *anew, *stored.later, *whole.lasting()
    return Undone(number, len(ids - rest.keys()), len(rest), len(kept), later)


def _had(home: Home, run: ImportRun, others: set[Content]) -> dict[Content, Terms]:
    """Kind and channel of each version that an import wrote, and of *others* that belong to it."""
    had: dict[Content, Terms] = dict.fromkeys(others, run.given)
    had |= {_content(one): _terms(one) for one in _versions(home, others) if _is_of(one, run, others)}
    try:
        journal = open_journal(home)
        journal.settle()  # lest what waits for the broker comes when the import is undone
        written = journal.written(run.segments)
        return had | {_content(document): _terms(document) for document in written}
    except Failed as error:
        raise Failed(f"Import {run.number} cannot be undone: {error.message}", remedy=error.remedy) from error


def _held(
    connection: Connection, run: ImportRun, had: Mapping[Content, Terms]
) -> tuple[dict[Content, int], list[str]]:
    """Contents that belong to another import of the source from now on, with its number; and a sentence for
    each of another source, kind or channel, whose rows go with these."""
    kept: dict[Content, int] = {}
    lost: Counter[Holder] = Counter()
    for content, found in holders(connection, run.number, had.keys()).items():
        if mine := [one.run for one in found if one.brought(run.source, had[content])]:
            kept[content] = mine[0]
        else:
            lost.update(found)
    return kept, [
        f"Import {one.run} as {one.source} brought {rows:,} of these rows too; "
        "to have them again, import its files anew."
        for one, rows in sorted(lost.items())
    ]


def _versions(home: Home, contents: Collection[Content]) -> Iterator[RawDocument]:
    """Every version of the documents that *contents* are of."""
    ids = {id.hex() for id, _ in contents}
    if not ids:
        return
    for batch in open_journal(home).read({}, 5000, salvage=True):
        yield from (line.document for line in batch.lines if line.document and line.document.id in ids)


def _split(
    home: Home, run: ImportRun, contents: Collection[Content]
) -> tuple[list[RawDocument], dict[str, RawDocument]]:
    """The versions of an import, and the newest other version of each of their documents."""
    gone: list[RawDocument] = []
    rest: dict[str, RawDocument] = {}
    for document in _versions(home, contents):
        if _is_of(document, run, contents):
            gone.append(document)
        elif document.id not in rest or rest[document.id].fetched_at <= document.fetched_at:
            rest[document.id] = document
    return gone, rest


def _is_of(document: RawDocument, run: ImportRun, contents: Collection[Content]) -> bool:
    """True for a version of an import, also where a killed process wrote it a second time."""
    return document.source == run.source and _content(document) in contents


def _content(document: RawDocument) -> Content:
    return bytes.fromhex(document.id), fingerprint(document)


def _terms(document: RawDocument) -> Terms:
    return document.kind, document.channel
