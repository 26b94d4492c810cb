"""Events brought up to date with the store: new documents in, events assigned, what changed written.

Documents are taken in by rounds in the order of publication, so that memory is bounded; when all are in,
events that changed are read for their answers. What a run that dies has not finished the next one does:
lengths that the state database does not know are cut off, events that were not read are read again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, delete, select

from fengping.events import tables
from fengping.events.answers.linking import Linker
from fengping.events.answers.parties import known_names
from fengping.events.building.book import FREE, GONE, Book
from fengping.events.building.candidates import Member, candidates, member_of, takes_part, title_of, told
from fengping.events.building.chunks import IN, batched, delete_those
from fengping.events.building.naming import id_of, name_all, number_of
from fengping.events.building.opening import (
    CONSUMER,
    UNSWEPT,
    answered_by,
    comes_anew,
    event_lock,
    folder,
    founders_of,
    is_idle,
    open_book,
    remember,
    stored_events,
    take_up,
)
from fengping.events.building.writing import (
    Writing,
    hand_over,
    mark,
    restore_marks,
    sweep,
    unmark,
    write_members,
)
from fengping.events.by_hand import pins_and_joins
from fengping.events.matching import sketches
from fengping.events.matching.kernel import Array
from fengping.garbage import collected_rarely
from fengping.home import Home
from fengping.indexer import Filter, Interval, Store, arrivals, changes
from fengping.indexer.changes import Reading, What
from fengping.models import Document
from fengping.state import State, read_meta, write_meta

ROUND = 250_000
"""Stored documents of a round, about; in a full day's hour more may stand."""
_AT_ONCE = 1_000
_TITLES = 200_000
"""Titles of new documents that are kept until their events are written; others are asked of the store."""


@dataclass(frozen=True, slots=True)
class Updated:
    """Outcome of an update."""

    documents: int
    """New or changed documents that may take part."""
    events: int
    """Events that changed, new ones with them."""
    gone: int
    """Ids that others took over."""


@dataclass
class _Run:
    """Work of one update."""

    home: Home
    store: Store
    state: State
    book: Book
    reading: Reading
    """What the change log told when this one began; where the reading before it *died*, that may have left
    marks of events that are not."""
    reads_all: bool
    since: datetime | None
    """Time of the index from which on documents may be new, where not all are read; ``None`` if none is."""
    begun: bool
    """True where the book is begun anew."""
    unswept: bool
    """True where there may be members that the book lacks."""
    titles: dict[str, str] = field(default_factory=dict)
    fresh: list[Array] = field(default_factory=list)
    """Slots of new and changed documents."""
    changed: list[Array] = field(default_factory=list)
    """Numbers of events that are not what they were."""
    gone: int = 0


def update(home: Home, store: Store, *, anew: bool = False) -> Updated:
    """Takes in what was indexed since the last update; *anew* reads every document again (after a reindex).

    Ids and what was set by hand stay in either case.
    """
    with event_lock(home) as tenure, collected_rarely():
        state = tenure.state(State.open(home))
        if not anew and is_idle(home, store, state):
            with state.begin() as connection:
                take_up(connection)
            return Updated(0, 0, 0)
        # Before anything is begun: an update that could not write counts as one that died.
        store.claim()
        run = _begin(home, store, state, anew=anew)
        if run.reads_all or run.since:
            for where in rounds(store, Filter(indexed_since=run.since)):
                _take(run, candidates(store, where), _revised(run, where))
        _take_judged_anew(run)
        _free_decided(run)
        _take(run, (), ())  # what was set by hand, also where nothing came
        _put_right(run)
        return _finish(run)


def rounds(store: Store, where: Filter) -> Iterator[Filter]:
    """*where* in parts of about :data:`ROUND` documents in the order of publication, undated ones at last."""
    if store.count(where) <= ROUND:
        yield where
        return
    since, held = None, 0
    for bucket in store.histogram(where, Interval.HOUR):
        if since is None or held + bucket.count > ROUND:
            if since:
                yield replace(where, since=since, until=bucket.start)
            since, held = bucket.start, 0
        held += bucket.count
    if since:
        yield replace(where, since=since)
    yield replace(where, undated=True)


def _begin(home: Home, store: Store, state: State, *, anew: bool) -> _Run:
    reading = changes.read(state, CONSUMER)
    with state.begin() as connection:
        anew = anew or comes_anew(connection, reading.changes)
        if anew:
            changes.begin_anew(connection, CONSUMER)
        book = Book(folder(home)) if anew else open_book(home, connection)
        # At once, for opening it may have changed its files.
        remember(connection, home, book)
        reads_all = changes.begins(connection, CONSUMER)
        # Also what a run that goes on has put so far, which is read again when it is over.
        came = [*reading.changes, *changes.waiting(connection, What.RUN)]
        since = None if reads_all else min(arrivals.stamps(came), default=None)
        begun = reads_all and not len(book)
        unswept = begun or reading.died or read_meta(connection, UNSWEPT) == "1"
        write_meta(connection, UNSWEPT, "1" if unswept else "")
    run = _Run(home, store, state, book, reading, reads_all, since, begun, unswept)
    if reading.died:
        run.changed.append(np.unique(book.events[book.events < GONE]))
    return run


def _take(run: _Run, documents: Iterable[Document], known: Collection[str]) -> None:
    """One round: sketches what is new or changed, links it, assigns and names its events.

    *known*: documents that have taken part and leave where they are not among *documents*.
    """
    members: dict[str, Member] = {}
    bears: dict[str, str] = {}
    gathered: list[Array] = []
    changed: list[Array] = []
    # Slots of those that are sketched as before; what they say of a charge may be another.
    alike: dict[str, int] = {}
    leaving = set(known)
    for arrived in batched(documents, _AT_ONCE):
        leaving -= {document.id for document in arrived}
        slots = run.book.find([document.id for document in arrived])
        kept = [member_of(document) for document in arrived]
        found = sketches([told(*pair) for pair in zip(arrived, kept, strict=True)])
        wanted = []
        for at, (document, slot, member) in enumerate(zip(arrived, slots.tolist(), kept, strict=True)):
            if document.id in members:
                continue
            if slot >= 0 and run.book.holds(slot, found[at]):
                alike[document.id] = slot
                continue
            wanted.append(at)
            members[document.id] = member
            bears[document.id] = document.event
            if len(run.titles) < _TITLES:
                run.titles[document.id] = title_of(document)
        gathered.append(found[wanted])
        changed.append(slots[wanted])
    left = sorted(leaving)
    was = np.concatenate((run.book.find(left), *changed))
    run.book.without(was[was >= 0])
    if members:
        fresh = np.concatenate(gathered)
        start = len(run.book)
        run.book.add(fresh[np.lexsort((fresh["high"], fresh["seconds"]))])
        run.fresh.append(np.arange(start, len(run.book)))
    run.fresh.append(np.array([*alike.values()], np.int64))
    with run.state.begin() as connection:
        # What they say now, if anything, may answer no more.
        answered = answered_by(connection, [*left, *members, *alike])
        run.changed.append(np.array([number_of(event) for event in answered], np.uint64))
        _leave(run, connection, left)
        _assign(run, connection, members, bears)
        run.changed.append(run.book.events[[*alike.values()]])
        remember(connection, run.home, run.book)


def _revised(run: _Run, where: Filter) -> set[str]:
    """Documents that came in again and have taken part."""
    if run.begun:
        return set()
    ids = [id for (id,) in run.store.columns(where, ("id",))]
    return _held(run.book, ids)


def _take_judged_anew(run: _Run) -> None:
    """Takes in what was corrected or judged anew where it stands."""
    judged = {one.document: None for one in run.reading.of(What.JUDGED, What.CORRECTED, What.UNDONE)}
    for ids in batched(judged, 10 * _AT_ONCE):
        found = [document for document in run.store.get(ids) if takes_part(document)]
        with run.state.begin() as connection:
            # Also what a book that is begun anew lacks.
            known = stored_events(connection, ids).keys() | _held(run.book, ids)
        _take(run, found, known)


def _held(book: Book, ids: Sequence[str]) -> set[str]:
    return {id for id, slot in zip(ids, book.find(ids).tolist(), strict=True) if slot >= 0}


def _leave(run: _Run, connection: Connection, ids: Sequence[str]) -> None:
    """Takes documents that take no part any more out, with events that have no other."""
    events = set(stored_events(connection, ids).values())
    for table in (tables.members, tables.answers):
        delete_those(connection, table.c.document, ids)
    unmark(run.store, ids)
    for chunk in batched(events, IN):
        kept = select(tables.members.c.event).where(tables.members.c.event.in_(chunk))
        for column in tables.OWN:
            connection.execute(delete(column.table).where(column.in_(chunk), column.not_in(kept)))


def _assign(run: _Run, connection: Connection, fresh: Mapping[str, Member], bears: Mapping[str, str]) -> None:
    """Assigns and names what the round touches, and writes who belongs to which event.

    *bears*: the mark of each *fresh* document as it was read.
    """
    book = run.book
    slots = book.regroup(*_by_hand(connection, book))
    groups = [book.ids(group) for group in slots]
    events = np.concatenate([book.events[group] for group in slots]) if slots else np.zeros(0, np.uint64)
    ids = [id for group in groups for id in group]
    before = {id: id_of(number) for id, number in zip(ids, events.tolist(), strict=True) if number < GONE}
    free = [id for id, number in zip(ids, events.tolist(), strict=True) if number == FREE]
    stored = stored_events(connection, free)
    before |= stored
    founders = founders_of(connection, set(before.values()), groups)
    named, taken_over = name_all(groups, before, founders)
    assigned = list(zip(named, groups, strict=True))
    write_members(connection, assigned, fresh, before, stored)
    loose = set(stored) - set(fresh)
    mark(run.store, assigned, bears, before, loose)
    for event, group in zip(named, slots, strict=True):
        book.name(group, number_of(event))
    run.changed.append(np.array([number_of(event) for event in named], np.uint64))
    run.gone += len(taken_over)
    hand_over(connection, taken_over)


def _put_right(run: _Run) -> None:
    """Takes out members that the book lacks, and marks that a run which died has left.

    Members wait while the store is filled, and where a run of the indexer began since this one did: what a
    store that was emptied holds not yet has not left.
    """
    if run.unswept and run.store.count(Filter()):
        gone: dict[str, str] = {}
        with run.state.begin() as connection:
            if arrivals.complete(connection, run.reading.until):
                gone = sweep(connection, run.book)
                write_meta(connection, UNSWEPT, "")
        unmark(run.store, gone)
        run.changed.append(np.array([number_of(event) for event in gone.values()], np.uint64))
    if run.reading.died or "event" in run.store.lost:
        restore_marks(run.store, run.book)
        run.store.restored(("event",))


def _finish(run: _Run) -> Updated:
    """Reads and writes the events that changed, and those whose charge a new document may answer."""
    book = run.book
    changed = _in_order(run.changed, book)
    fresh = np.concatenate(run.fresh) if run.fresh else np.zeros(0, np.int64)
    if len(changed):
        linker = Linker(known_names(run.home), book)
        answered = np.setdiff1d(linker.addressed(fresh), changed)
        writing = Writing(run.home, run.store, run.state, linker, run.titles, run.reading.until)
        writing.write(np.concatenate((changed, answered)))
    with run.state.begin() as connection:
        take_up(connection)
        changes.passed(connection, CONSUMER, run.reading.until)
        remember(connection, run.home, book)
    return Updated(len(fresh), len(changed), run.gone)


def _in_order(found: Sequence[Array], book: Book) -> Array:
    """Numbers of events that there are, once each, in the order they were found in."""
    numbers, first = np.unique(np.concatenate((np.zeros(0, np.uint64), *found)), return_index=True)
    there = np.isin(numbers, book.events)
    return numbers[there][np.argsort(first[there])]


def _by_hand(
    connection: Connection, book: Book
) -> tuple[dict[int, int], dict[int, int], list[tuple[int, int]]]:
    """What persons decided, by slots; of documents alone that the *book* holds."""
    pins, moves, joined = pins_and_joins(connection)
    named = list({id for pair in (*pins.items(), *moves.items(), *joined) for id in pair})
    slot = dict(zip(named, book.find(named).tolist(), strict=True))

    def there(pairs: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
        return [(slot[a], slot[b]) for a, b in pairs if min(slot[a], slot[b]) >= 0]

    return dict(there(pins.items())), dict(there(moves.items())), there(joined)


def _free_decided(run: _Run) -> None:
    """Has the events of documents on which somebody decided looked at again."""
    ids = list({one.document for one in run.reading.of(What.BY_HAND)} - {""})
    slots = run.book.find(ids)
    events = run.book.events[slots[slots >= 0]]
    run.book.free(events[events < GONE])
