"""Events brought up to date with the store: new documents in, events assigned, what changed written.

A run that dies changes nothing that is read: files are trusted as far as the state database says, and the
state database is written in one transaction.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from fengping.durable import write_whole
from fengping.events import tables
from fengping.events.answers.linking import Linker, addressed
from fengping.events.answers.parties import known_names
from fengping.events.building.book import Book
from fengping.events.building.candidates import Member, candidates, member_of, title_of, told
from fengping.events.building.chunks import IN, batched
from fengping.events.building.naming import name_all
from fengping.events.building.writing import mark, write_events, write_members
from fengping.events.matching.kernel import Array
from fengping.events.matching.sketch import Part, sketches
from fengping.garbage import collected_rarely
from fengping.home import Home
from fengping.indexer import Store
from fengping.state import State, Tenure, read_meta, sole, write_meta

_AT_ONCE = 1_000
_BOOK = "event book"
"""Key under which the state database keeps the name of the files that its lengths are of."""


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

    book: Book
    since: datetime | None
    known: dict[str, tuple[str, Member]] = field(default_factory=dict)
    """Document → its event before, and what is kept of it."""
    fresh: dict[str, Member] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def event_lock(home: Home) -> AbstractContextManager[Tenure]:
    """Holds the right to write this home's events, or raises :class:`~fengping.errors.HomeBusy`."""
    return sole(home, "events", "brings the events of this home up to date")


def folder(home: Home) -> Path:
    """Folder of a home's sketches and links."""
    return home.var / "events"


def update(home: Home, store: Store, *, anew: bool = False) -> Updated:
    """Takes in what was indexed since the last update; *anew* reads every document again (after a reindex).

    Ids and what was set by hand stay in either case.
    """
    with event_lock(home) as tenure, collected_rarely():
        state = tenure.state(State.open(home))
        key = _key(home)
        with state.begin() as connection:
            run = _begin(home, connection, key, anew=anew)
            kept = not anew and bool(run.book.sketches.size)
            _take(run, store, known={} if not kept else run.known)
            result = _settle(run, connection, home, store, anew=anew)
            _remember(connection, key, run, _name(home))
        return result


def forget(home: Home, ids: Collection[str]) -> int:
    """Takes documents out of every trace that events keep of them; how many were there."""
    with event_lock(home) as tenure:
        state = tenure.state(State.open(home))
        with state.begin() as connection:
            run = _begin(home, connection, _key(home), anew=False)
            gone = set(ids) & set(run.known)
            if not gone:
                return 0
            touched = {run.known[id][0] for id in gone}
            run.book.without(gone)
            for id in gone:
                del run.known[id]
            for chunk in batched(gone, IN):
                connection.execute(delete(tables.members).where(tables.members.c.document.in_(chunk)))
                connection.execute(delete(tables.answers).where(tables.answers.c.document.in_(chunk)))
                connection.execute(delete(tables.hands).where(tables.hands.c.document.in_(chunk)))
            for chunk in batched(touched, IN):
                # Titles and sentences may be theirs: written again from what is left by the next update.
                connection.execute(delete(tables.events).where(tables.events.c.id.in_(chunk)))
            _remember(connection, _key(home), run, _name(home))
        return len(gone)


def _key(home: Home) -> str:
    return re.sub(r"//[^@/]*@", "//", home.config.store)[:255]


def _begin(home: Home, connection: Connection, key: str, *, anew: bool) -> _Run:
    done = connection.execute(select(tables.progress).where(tables.progress.c.store == key)).one_or_none()
    if done is None or anew or read_meta(connection, _BOOK) not in (None, _name(home)):
        # The last update was another machine's: what this one has of the files is older, or none.
        book, since = Book(folder(home)), None
    else:
        book = Book(folder(home), done.sketches, done.links)
        # Files that were lost or are older than the state: begin again, ids stay.
        whole = len(book) == done.sketches and len(book.links) == done.links
        book, since = (book, done.since) if whole else (Book(folder(home)), None)
    known = {
        row.document: (
            row.event,
            Member(row.document, row.published_at, Part(row.part), _split(row.parties), row.publisher),
        )
        for row in connection.execute(select(tables.members))
    }
    return _Run(book, since, known)


def _take(run: _Run, store: Store, known: Collection[str]) -> None:
    """Sketches what is new or changed; links it in the order of publication."""
    gathered: list[Array] = []
    newest = run.since
    twins = dict(zip(run.book.ids(), run.book.sketches["twin"].tolist(), strict=True)) if known else {}
    changed = []
    since = run.since
    arrived = (
        document
        for document in candidates(store, since)
        # The last run's own stamp is asked for again, for what it put after the last update.
        if not (since and document.indexed_at <= since and document.id in twins)
    )
    for chunk in batched(arrived, _AT_ONCE):
        members = [member_of(document) for document in chunk]
        found = sketches([told(*pair) for pair in zip(chunk, members, strict=True)])
        wanted = []
        for at, document in enumerate(chunk):
            newest = max(newest, document.indexed_at) if newest else document.indexed_at
            twin = twins.get(document.id)
            if twin == int(found["twin"][at]) or document.id in run.fresh:
                continue
            if twin is not None:
                changed.append(document.id)
            wanted.append(at)
            run.fresh[document.id] = members[at]
            run.titles[document.id] = title_of(document)
        gathered.append(found[wanted])
    if changed:
        run.book.without(set(changed))
    if gathered:
        fresh = np.concatenate(gathered)
        run.book.add(fresh[np.lexsort((fresh["high"], fresh["seconds"]))])
    run.since = newest


def _settle(run: _Run, connection: Connection, home: Home, store: Store, *, anew: bool) -> Updated:
    """Assigns, names and writes what changed."""
    ids = run.book.ids()
    slots = {id: slot for slot, id in enumerate(ids)}
    pins, joined = _by_hand(connection, slots)
    assigned = run.book.assign(pins, joined)
    groups = _groups(assigned, ids, run)
    founders = {
        row.id: row.founder for row in connection.execute(select(tables.events.c.id, tables.events.c.founder))
    }
    before = {id: event for id, (event, _) in run.known.items()}
    named, taken_over = name_all(groups, before, founders)
    members = {id: member for id, (_, member) in run.known.items()} | run.fresh
    standing = set() if anew else set(founders)
    changed = [
        (event, group)
        for event, group in zip(named, groups, strict=True)
        if event not in standing or any(id in run.fresh or before.get(id) != event for id in group)
    ]
    shrunk = {before[id] for event, group in changed for id in group if before.get(id, event) != event}
    already = {event for event, _ in changed}
    changed += [(e, g) for e, g in zip(named, groups, strict=True) if e in shrunk and e not in already]
    write_members(connection, changed, members, before, run.fresh, ids, anew=anew)
    mark(store, changed, run.fresh, before, anew=anew)
    of_event = {id: event for event, group in zip(named, groups, strict=True) for id in group}
    linker = Linker(known_names(home), members, of_event)
    written = {event for event, _ in changed}
    answered = addressed(run.fresh.values(), members, of_event, written)
    reread = [(event, group) for event, group in zip(named, groups, strict=True) if event in answered]
    write_events(connection, [*changed, *reread], members, linker, run.titles, home, store)
    for chunk in batched(taken_over, IN):
        connection.execute(delete(tables.events).where(tables.events.c.id.in_(chunk)))
        connection.execute(delete(tables.aliases).where(tables.aliases.c.old.in_(chunk)))
    if taken_over:
        rows = [{"old": old, "new": new} for old, new in taken_over.items()]
        connection.execute(insert(tables.aliases), rows)
    return Updated(len(run.fresh), len(changed), len(taken_over))


def _by_hand(connection: Connection, slots: dict[str, int]) -> tuple[dict[int, int], list[tuple[int, int]]]:
    pins: dict[int, int] = {}
    joined = []
    for row in connection.execute(select(tables.hands).order_by(tables.hands.c.id)):
        if row.document not in slots or row.anchor not in slots:
            continue
        if row.kind == "pin":
            pins[slots[row.document]] = slots[row.anchor]
        else:
            joined.append((slots[row.anchor], slots[row.document]))
    return pins, joined


def _groups(assigned: Array, ids: Sequence[str], run: _Run) -> list[list[str]]:
    """Documents of each event in time order."""
    seconds, high = run.book.sketches["seconds"], run.book.sketches["high"]
    order = np.lexsort((high, seconds, assigned))
    if not len(order):
        return []
    starts = np.flatnonzero(np.diff(assigned[order], prepend=-1))
    ends = [*starts[1:].tolist(), len(order)]
    return [[ids[slot] for slot in order[a:b].tolist()] for a, b in zip(starts.tolist(), ends, strict=True)]


def _name(home: Home) -> str:
    """The name of the files of this machine, given to them at the first update."""
    file = folder(home) / "name"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, secrets.token_hex(16).encode())
    return file.read_text(encoding="ascii")


def _remember(connection: Connection, key: str, run: _Run, name: str) -> None:
    write_meta(connection, _BOOK, name)
    connection.execute(delete(tables.progress).where(tables.progress.c.store == key))
    connection.execute(
        insert(tables.progress).values(
            store=key, since=run.since, sketches=len(run.book), links=len(run.book.links)
        )
    )


def _split(parties: str) -> tuple[str, ...]:
    return tuple(filter(None, parties.split("|")))
