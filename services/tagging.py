"""Tags and notes on documents and events: checked, kept with name and time, shown by the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from fengping.clock import iso
from fengping.errors import HomeBusy, UsageError
from fengping.events import asking as events
from fengping.home import Home
from fengping.indexer import Filter, Store, index_lock, tags
from fengping.services.stores import the_store, writing_store
from fengping.state import State
from fengping.visible import visible

_NOTE = 4_000


@dataclass(frozen=True)
class Tagged:
    """Tags and notes, by id of document or event, and its tags now."""

    subjects: dict[str, tuple[str, ...]]
    waiting: bool = False
    """An indexer is at work, which shows the change in the store when it ends."""


def tag(
    home: Home,
    ids: Sequence[str],
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    note: str = "",
    by: str,
    now: datetime,
    store: Store | None = None,
) -> Tagged:
    """Puts tags on, or takes them off, documents and events, and adds a note to each.

    A tag of an event stands on all its documents, later ones included. Raises :class:`UsageError` for what is
    neither document nor event, before anything is changed.
    """
    add, remove = _checked(add), _checked(remove)
    if not (add or remove or note.strip()):
        raise UsageError("Nothing to do.", remedy="Give --add, --remove or --note.")
    if len(note) > _NOTE:
        raise UsageError(f"A note has at most {_NOTE:,} characters.", remedy="Shorten it.")
    with writing_store(home, store) as opened:
        documents = {document.id for document in opened.get(list(ids))}
        happenings = {id: _event(home, id) for id in dict.fromkeys(ids) if id not in documents}
        members = {id: events.documents_of(home, id) for id in happenings.values()}
        state = State.open(home)
        with state.begin() as connection:
            tags.put_on(connection, sorted(documents), add, by=by, at=now)
            tags.take_off(connection, sorted(documents), remove)
            for id, own in members.items():
                _tag_event(connection, id, add, remove, by, now)
                tags.put_on(connection, own, add, by=by, at=now, event=id)
                tags.take_off(connection, tags.through(connection, id), remove, event=id)
            kinds = [("document", id) for id in sorted(documents)] + [("event", id) for id in members]
            if note.strip():
                rows = [
                    {"kind": kind, "subject": id, "text": note.strip(), "by": by, "made_at": now}
                    for kind, id in kinds
                ]
                connection.execute(insert(tags.notes), rows)
        waiting = _settle(home, state, opened)
    with state.begin() as connection:
        held = tags.in_force(connection, documents)
        query = select(tags.event_tags).where(tags.event_tags.c.event.in_(list(members)))
        for row in connection.execute(query.order_by(tags.event_tags.c.tag)):
            held[row.event] = (*held.get(row.event, ()), row.tag)
    return Tagged({id: held.get(id, ()) for _, id in kinds}, waiting)


def _event(home: Home, id: str) -> str:
    """The whole id of an event; raises :class:`UsageError` for what is no document either."""
    try:
        return events.find(home, id).id
    except UsageError as error:
        if not error.message.startswith("There is no event"):
            raise
        raise UsageError(
            f"There is no document and no event {id}.", remedy="Look for it again: it may have been deleted."
        ) from None


def spread(home: Home, store: Store) -> None:
    """Puts the tags of events on the documents that came to them, and takes them off those that left."""
    state = State.open(home)
    with state.begin() as connection:
        rows = connection.execute(select(tags.event_tags)).all()
    for row in rows:
        try:
            found = events.find(home, row.event)
            own = events.documents_of(home, found.id)
        except UsageError:  # its documents were forgotten
            own = []
        with state.begin() as connection:
            tags.put_on(connection, own, [row.tag], by=row.by, at=row.made_at, event=row.event)
            gone = set(tags.through(connection, row.event)) - set(own)
            tags.take_off(connection, sorted(gone), [row.tag], event=row.event)
    if rows:
        _settle(home, state, store)


def notes(home: Home, ids: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Notes, of *ids* or all, in the order they were made."""
    query = select(tags.notes).order_by(tags.notes.c.number)
    if ids:
        query = query.where(tags.notes.c.subject.in_(list(ids)))
    with State.open(home).begin() as connection:
        return [
            {"kind": row.kind, "id": row.subject, "text": row.text, "by": row.by, "at": iso(row.made_at)}
            for row in connection.execute(query)
        ]


def events_with(home: Home, tag: str) -> list[str]:
    """Ids of the events that bear *tag*, the latest to get it first."""
    table = tags.event_tags
    with State.open(home).begin() as connection:
        query = select(table.c.event).where(table.c.tag == tag).order_by(table.c.made_at.desc())
        return list(connection.scalars(query))


def listed(home: Home, *, store: Store | None = None) -> list[tuple[str, int]]:
    """Every tag in use with the number of stored documents that bear it."""
    with the_store(home, store) as opened:
        return opened.terms(Filter(), "tags")


def _checked(names: Sequence[str]) -> list[str]:
    found = []
    for name in names:
        plain = " ".join(name.split())
        if not plain or len(plain) > tags.LONGEST or plain != visible(plain):
            raise UsageError(
                f"{visible(name)!r} cannot be a tag.",
                remedy=f"Use 1 to {tags.LONGEST} characters, no control characters.",
            )
        found.append(plain)
    return list(dict.fromkeys(found))


def _tag_event(
    connection: Connection, id: str, add: Sequence[str], remove: Sequence[str], by: str, now: datetime
) -> None:
    table = tags.event_tags
    there = set(connection.scalars(select(table.c.tag).where(table.c.event == id)))
    rows = [{"event": id, "tag": name, "by": by, "made_at": now} for name in add if name not in there]
    if rows:
        connection.execute(insert(table), rows)
    if remove:
        connection.execute(delete(table).where(table.c.event == id, table.c.tag.in_(list(remove))))


def _settle(home: Home, state: State, store: Store) -> bool:
    """Shows the store what changed; true where that is left to the indexer at work."""
    try:
        with index_lock(home) as tenure:
            store.fence(tenure.token)
            tags.settle(tenure.state(state), store)
    except HomeBusy:
        return True
    return False
