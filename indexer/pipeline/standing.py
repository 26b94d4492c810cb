"""The repost groups of a machine that takes over: brought up to the cursor that the deployment has reached.

Groups are a function of the documents, whatever their order. So each machine that may index keeps a log of
its own, and before it indexes it takes in what others have indexed since: from a journal that machines share,
from the position noted in ``reached.json`` up to the cursor, and not a line further. What that changes is
told already.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from fengping.analysis.reposts import compare as reposts
from fengping.durable import write_whole
from fengping.home import Home
from fengping.indexer import tags
from fengping.indexer.canary import is_trial
from fengping.indexer.groups import log as groups_log
from fengping.indexer.groups.grouping import Groups, Member
from fengping.indexer.journal import Cursor, JournalProtocol, Position
from fengping.indexer.journal.opening import open_journal
from fengping.indexer.pipeline import unjudged
from fengping.indexer.pipeline.cursor import StoredCursor
from fengping.indexer.pipeline.quarantine import drop_unjudged, index_file
from fengping.indexer.search import regrouping
from fengping.indexer.search.protocol import Store
from fengping.locks import sole_process
from fengping.state import State

RESTORED = frozenset({"group", "first_in_group", "tags"})
"""Fields that are known here, should a store lose changes of them."""
_REACHED = "reached.json"
_AT_ONCE = 10_000
_NOTED_EACH = 10
"""Batches after which is noted what was taken in: a round that is ended goes on from there."""


@dataclass(frozen=True)
class Reached:
    """A lower bound of the documents that this machine's groups hold."""

    positions: dict[str, Position]
    erased: str = ""
    """Digest of the ids that had been erased from the journal then."""


def groups_folder(home: Home) -> Path:
    """Return the folder of a home's repost groups."""
    return home.var / "groups"


def check_groups(home: Home) -> str:
    """Raises :class:`~fengping.errors.StoreError` for groups that the indexer would refuse."""
    groups_log.check_version(groups_folder(home))
    return reposts.VERSION


def open_groups(home: Home, state: State, journal: JournalProtocol) -> Groups:
    """The home's repost groups, without what a killed run added and told nobody of, and with what other
    machines have indexed."""
    folder = groups_folder(home)
    groups_log.settle(folder)
    groups_log.belong(folder, home.identity)
    cursor = StoredCursor(home.config.store)
    if journal.shared and _is_unknown(folder, state, cursor):
        # The index was built anew on another machine, maybe from another topic.
        shutil.rmtree(folder)
        groups_log.belong(folder, home.identity)
    groups = _open(folder, state, cursor)
    if journal.shared:
        erased = _digest(journal)  # as of now: what is erased while they are taken in is looked for again
        groups = _without_erased(folder, state, cursor, journal, groups)
        with state.begin() as connection:
            target = cursor.load(connection)

        def note(positions: Cursor) -> None:
            _note(state, cursor, groups)
            _write_reached(folder, positions, erased)

        _take_in(groups, journal, _load(folder).positions, target, note)
        note(target)
    return groups


def leave_to_rebuild(home: Home, state: State, journal: JournalProtocol) -> None:
    """Lets go of what could not be judged here before another machine built the index anew: what it could not
    judge either stands in its own quarantine."""
    if journal.shared and _is_unknown(groups_folder(home), state, StoredCursor(home.config.store)):
        drop_unjudged(index_file(home))


def recover(state: State, cursor: StoredCursor, store: Store) -> None:
    """Puts what a killed run, or one whose store went down, had noted of earlier documents."""
    with state.begin() as connection:
        noted = cursor.regroups(connection)
    if noted:
        store.update(regrouping(noted))
        with state.begin() as connection:
            cursor.rest(connection)


def restore(state: State, store: Store, groups: Groups) -> None:
    """Sets repost groups and tags of all documents again, where the store lost changes of them."""
    if RESTORED & store.lost:
        for states in groups.everything():
            store.update(regrouping(states))
        tags.restore(state, store)
        store.restored(RESTORED)


def follow(home: Home) -> int:
    """Takes in what other machines have indexed, so that this one could take over at once; the documents that
    its groups hold. Raises :class:`HomeBusy` while another process of this machine indexes."""
    with sole_process(home.var / "index.lock", "writes the index of this home"):
        state, journal = State.open(home), open_journal(home)
        leave_to_rebuild(home, state, journal)
        with state.begin() as connection:
            unjudged.note(connection, home)
        groups = open_groups(home, state, journal)
        groups.close()
        return groups.count


def note_reached(folder: Path, positions: Cursor, journal: JournalProtocol) -> None:
    """Notes that the groups hold everything up to *positions*, which the state database knows."""
    if journal.shared:
        _write_reached(folder, positions, _digest(journal))


def _write_reached(folder: Path, positions: Cursor, erased: str) -> None:
    reached = {name: [p.offset, p.lines] for name, p in positions.items()}
    write_whole(folder / _REACHED, orjson.dumps({"positions": reached, "erased": erased}))


def _is_unknown(folder: Path, state: State, cursor: StoredCursor) -> bool:
    """True for a log that holds documents, of which the state knows nothing."""
    documents = folder / "documents.bin"
    if not documents.exists() or not documents.stat().st_size:
        return False
    with state.begin() as connection:
        return cursor.told(connection, groups_log.name_of(folder)) is None


def _open(folder: Path, state: State, cursor: StoredCursor) -> Groups:
    with state.begin() as connection:
        told = cursor.told(connection, groups_log.name_of(folder))
    groups = Groups(folder, told)
    if told is None:
        _note(state, cursor, groups)
    return groups


def _note(state: State, cursor: StoredCursor, groups: Groups) -> None:
    with state.begin() as connection:
        cursor.note_length(connection, groups.log, groups.count)


def _without_erased(
    folder: Path, state: State, cursor: StoredCursor, journal: JournalProtocol, groups: Groups
) -> Groups:
    """The same groups, or empty ones where they hold documents that were erased from another machine."""
    if _load(folder).erased == _digest(journal) or not groups.holds(journal.erased_ids()):
        return groups
    groups.close()
    shutil.rmtree(folder)
    return _open(folder, state, cursor)


def _digest(journal: JournalProtocol) -> str:
    ids = sorted(journal.erased_ids())
    return hashlib.blake2b("".join(ids).encode(), digest_size=16).hexdigest() if ids else ""


def _load(folder: Path) -> Reached:
    try:
        record = orjson.loads((folder / _REACHED).read_bytes())
        positions = {name: Position(offset, lines) for name, (offset, lines) in record["positions"].items()}
        return Reached(positions, record["erased"])
    except (FileNotFoundError, ValueError, KeyError):
        return Reached({})


def _take_in(
    groups: Groups,
    journal: JournalProtocol,
    start: Cursor,
    target: Cursor,
    note: Callable[[Cursor], None],
) -> None:
    """Adds documents after *start* up to *target*, and now and then has it noted how far it came."""
    reached = dict(start)
    if all(reached.get(name, Position()).offset >= position.offset for name, position in target.items()):
        return
    for number, batch in enumerate(journal.read(start, _AT_ONCE), 1):
        members = [
            Member(line.document.id, line.document.content, line.document.published_at)
            for line in batch.lines
            if line.document
            and not is_trial(line.document)
            and line.number <= target.get(line.file, Position()).lines
        ]
        groups.add(members)
        if all(p.offset >= target.get(name, Position()).offset for name, p in batch.cursor.items()):
            break
        reached |= batch.cursor
        if number % _NOTED_EACH == 0:
            note(reached)
