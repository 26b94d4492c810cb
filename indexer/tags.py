"""Tags and notes of analysts: kept in the state, apart from the index, and put on documents as it is made.

A tag of an event stands on each of its documents as a row that names the event. The pipeline puts tags on
every document that it stores, so they outlive reindexing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Text, delete, insert, select

from fengping.erasure import in_parts, rows_of
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.indexer.search.protocol import Filter, Store
from fengping.state import Moment, State, metadata

LONGEST = 64
"""Characters of a tag."""

tags = Table(
    "tags",
    metadata,
    Column("document_id", String(32), primary_key=True),
    Column("tag", String(LONGEST), primary_key=True),
    Column("event", String(16), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("made_at", Moment, nullable=False),
)
"""``event``: the event through which a document has the tag; empty for its own."""

event_tags = Table(
    "event_tags",
    metadata,
    Column("event", String(16), primary_key=True),
    Column("tag", String(LONGEST), primary_key=True),
    Column("by", String(128), nullable=False),
    Column("made_at", Moment, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(8), nullable=False),  # document, event
    Column("subject", String(32), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("by", String(128), nullable=False),
    Column("made_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about a document or an event. Notes are added, never changed."""

    kind: str
    subject: str
    text: str
    by: str
    made_at: datetime


def in_force(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Tags of those of *ids* that have any, each once, in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(connection, select(tags.c.document_id, tags.c.tag), tags.c.document_id, {*ids}):
        found[row.document_id].add(row.tag)
    return {id: tuple(sorted(held)) for id, held in found.items()}


def put_on(
    connection: Connection,
    ids: Iterable[str],
    names: Sequence[str],
    *,
    by: str,
    at: datetime,
    event: str = "",
) -> None:
    """Puts *names* on documents, where they lack them, and notes that the store must be told."""
    for part in in_parts({*ids}):
        changed = set[str]()
        for name in names:
            here = select(tags.c.document_id).where(
                tags.c.document_id.in_(part), tags.c.tag == name, tags.c.event == event
            )
            lacking = sorted(set(part) - set(connection.scalars(here)))
            rows = [
                {"document_id": id, "tag": name, "event": event, "by": by, "made_at": at} for id in lacking
            ]
            if rows:
                connection.execute(insert(tags), rows)
                changed.update(lacking)
        changes.add(connection, What.TAGS, sorted(changed), pending=True)


def take_off(connection: Connection, ids: Iterable[str], names: Sequence[str], *, event: str = "") -> None:
    """Takes *names* off documents that have them by themselves, or through *event*."""
    for part in in_parts({*ids}):
        where = (tags.c.document_id.in_(part), tags.c.tag.in_(names), tags.c.event == event)
        changed = set(connection.scalars(select(tags.c.document_id).where(*where)))
        changes.add(connection, What.TAGS, sorted(changed), pending=True)
        connection.execute(delete(tags).where(*where))


def through(connection: Connection, event: str) -> list[str]:
    """Documents that have a tag through *event*."""
    return sorted(set(connection.scalars(select(tags.c.document_id).where(tags.c.event == event))))


def settle(state: State, store: Store) -> int:
    """Shows the store the tags that changed; the number of documents that differ after it.

    The caller holds the right to write the index. A document that is not stored gets its tags when it is put.
    """
    with state.begin() as connection:
        waiting = changes.waiting(connection, What.TAGS)
        shown = in_force(connection, {one.document for one in waiting})
    changed = 0
    for part in in_parts({one.document for one in waiting}):
        changed += store.update({id: {"tags": shown.get(id, ())} for id in part})
    if waiting:
        with state.begin() as connection:
            changes.finish(connection, waiting)
    return changed


def restore(state: State, store: Store) -> None:
    """Shows the store the tags of all documents."""
    with state.begin() as connection:
        shown = in_force(connection, connection.scalars(select(tags.c.document_id).distinct()))
    tagged = Filter(where={"tags": tuple(name for name, _ in store.terms(Filter(), "tags"))})
    for part in in_parts({*shown, *(id for (id,) in store.columns(tagged, ("id",)))}):
        store.update({id: {"tags": shown.get(id, ())} for id in part})


def forget(connection: Connection, ids: Iterable[str]) -> None:
    """Removes tags and notes of documents."""
    for part in in_parts({*ids}):
        connection.execute(delete(tags).where(tags.c.document_id.in_(part)))
        connection.execute(delete(notes).where(notes.c.kind == "document", notes.c.subject.in_(part)))
