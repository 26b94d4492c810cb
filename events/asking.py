"""Events asked for: lists, one with all that is known of it, that of a document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from fengping.clock import iso
from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.answers import linking
from fengping.events.answers import parties as naming
from fengping.events.answers.parties import side_counted, side_of
from fengping.events.answers.signals import steps_in
from fengping.events.answers.status import Status, Step, standing
from fengping.events.building.candidates import Member, told_order
from fengping.events.building.chunks import batched
from fengping.events.knowing import know
from fengping.events.knowing.dossier import Knowledge
from fengping.events.matching.sketch import Part
from fengping.home import Home
from fengping.indexer import Store
from fengping.models import Document
from fengping.state import State

EARLIEST, LATEST = 300, 100
"""Documents of a large event that are read for :func:`event`."""
_IN = 500
_IN_TIME = (
    tables.members.c.published_at.is_(None), tables.members.c.published_at, tables.members.c.document,
)  # fmt: skip


class Order(StrEnum):
    """What stands first in a list of events."""

    GRAVITY = "gravity"
    """Those told by most publishers."""
    SIZE = "size"
    """Those with most documents."""
    NEW = "new"
    """Those told first the latest."""


_OWN = tables.events.c
_ORDERED: dict[Order, tuple[ColumnElement[Any], ...]] = {
    Order.GRAVITY: (_OWN.publishers.desc(), _OWN.documents.desc(), _OWN.first_at, _OWN.id),
    Order.SIZE: (_OWN.documents.desc(), _OWN.publishers.desc(), _OWN.first_at, _OWN.id),
    Order.NEW: (_OWN.first_at.is_(None), _OWN.first_at.desc(), _OWN.id),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One happening: whom it is about, how often it was told, what became of it."""

    id: str
    title: str
    """Of the first charge, else of the first document."""
    first_at: datetime | None
    last_at: datetime | None
    documents: int
    charges: int
    """Documents judged negative."""
    publishers: int
    parties: tuple[str, ...]
    """Those it speaks of: the accused before others, most named first."""
    accused: tuple[str, ...]
    """Those whom its documents are judged to accuse, as corrected; most accused first."""
    status: Status
    steps: tuple[Step, ...]
    """Answers, official acts and retractions, in time."""
    matter: tuple[str, ...] = ()
    """Complaint classes of its charges, most often first."""
    closed: str = ""
    """Why a person closed it; empty while it is open."""
    confirmed: tuple[str, ...] = ()
    """Which of title, accused, matter, status, steps a person gave; all else is 机器判读."""

    def as_of(self, moment: datetime) -> Event:
        """The event with the status that it had before *moment*; one that a person gave always holds."""
        steps = tuple(step for step in self.steps if step.at and step.at < moment)
        now = self.status if "status" in self.confirmed else standing(steps)
        return replace(self, steps=steps, status=now)


@dataclass(frozen=True, slots=True)
class Dossier:
    """An event with its documents and everything known of it."""

    event: Event
    side: tuple[str, ...]
    """The parties that charges accuse most: their words are answers."""
    documents: tuple[str, ...]
    """Ids in time order, all of them."""
    answers: tuple[str, ...]
    """Ids of documents outside the event that answer it."""
    knowledge: Knowledge
    unreviewed: tuple[Step, ...] = ()
    """Clauses that may tell more, and give no status: 另有说法，未复核."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Conditions on events; every one given must hold."""

    text: str = ""
    """Stands in the title or in the name of a party."""
    party: str = ""
    """It is about them, accused or not."""
    since: datetime | None = None
    """Told of at or after then."""
    until: datetime | None = None
    """Begun before then."""
    status: Status | None = None
    min_documents: int = 1
    min_publishers: int = 1
    charged: bool = True
    """Only events that somebody is negative about, or that an accused answers."""
    happenings: bool | None = None
    """True: only those that accuse nobody, False: only those that accuse somebody."""


def events_of(
    home: Home,
    asked: Asked = Asked(),
    *,
    sort: Order = Order.GRAVITY,
    limit: int | None = 50,
    offset: int = 0,
) -> list[Event]:
    """Events in the order of *sort*; all of them where *limit* is ``None``."""
    query = select(tables.events).where(*_conditions(asked)).order_by(*_ORDERED[sort])
    with State.open(home).begin() as connection:
        return [_event(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count_of(home: Home, asked: Asked) -> int:
    """Number of the events that :func:`events_of` lists."""
    query = select(func.count()).select_from(tables.events).where(*_conditions(asked))
    with State.open(home).begin() as connection:
        return connection.scalar(query) or 0


def events_named(home: Home, ids: Sequence[str]) -> list[Event]:
    """The events of *ids*."""
    with State.open(home).begin() as connection:
        return [
            _event(row)
            for chunk in batched(ids, _IN)
            for row in connection.execute(select(tables.events).where(tables.events.c.id.in_(chunk)))
        ]


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    table = tables.events.c
    yield table.documents >= asked.min_documents
    yield table.publishers >= asked.min_publishers
    if asked.text:
        yield or_(table.title.contains(asked.text), table.parties.contains(asked.text))
    if asked.party:
        spoken = tables.parties.c
        yield table.id.in_(select(spoken.event).where(spoken.party == asked.party))
    if asked.since:
        yield table.last_at >= asked.since
    if asked.until:
        yield table.first_at < asked.until
    if asked.status:
        yield table.status == asked.status.value
    if asked.happenings is not None:
        yield (table.accused == "") == asked.happenings
    if asked.charged:
        answered = and_(table.trade > 0, table.status != Status.UNPROVEN.value)
        yield or_(table.charges > 0, answered)


def find(home: Home, id: str) -> Event:
    """The event of that id or of one that it took over, by its beginning where that is enough.

    Raises :class:`UsageError` where there is none or more than one.
    """
    with State.open(home).begin() as connection:
        return _find(connection, id)


def event_of(home: Home, document: str) -> Event | None:
    """The event a document belongs to."""
    return events_of_documents(home, [document]).get(document)


def events_of_documents(home: Home, documents: Sequence[str]) -> dict[str, Event]:
    """The events of *documents* that belong to one."""
    found: dict[str, Event] = {}
    joined = tables.members.join(tables.events, tables.members.c.event == tables.events.c.id)
    with State.open(home).begin() as connection:
        for chunk in batched(documents, _IN):
            query = select(tables.members.c.document, *tables.events.c).select_from(joined)
            for row in connection.execute(query.where(tables.members.c.document.in_(chunk))):
                found[row.document] = _event(row)
    return found


def documents_of(home: Home, id: str) -> list[str]:
    """Ids of an event's documents in time order."""
    with State.open(home).begin() as connection:
        return [member.document for member in _members(connection, _find(connection, id).id)]


def with_members(home: Home, asked: Asked) -> Iterator[tuple[Event, list[Member]]]:
    """All events of *asked*, each with its members in time order."""
    for chunk in batched(events_of(home, asked, limit=None), _IN):
        with State.open(home).begin() as connection:
            found = [(event, _members(connection, event.id)) for event in chunk]
        yield from found


def first_documents(home: Home, store: Store, ids: Iterable[str]) -> dict[str, Document]:
    """The first document of each event of *ids*, where the store has it."""
    own = tables.members.c
    with State.open(home).begin() as connection:
        first = {
            id: connection.execute(
                select(own.document).where(own.event == id).order_by(*_IN_TIME).limit(1)
            ).scalar_one()
            for id in ids
        }
    stored = {document.id: document for document in store.get(sorted(first.values()))}
    return {id: stored[document] for id, document in first.items() if document in stored}


def event(home: Home, store: Store, id: str, *, until: datetime | None = None) -> Dossier:
    """An event with everything known of it; *until*: as it stood then, by times of publication."""
    with State.open(home).begin() as connection:
        found = _find(connection, id)
        group = _members(connection, found.id)
        asked = select(tables.answers.c.document).where(tables.answers.c.event == found.id)
        answering = list(connection.scalars(asked))
        wanted = _read_of(connection, found.id)
    side = side_of(group, found.parties)
    stored = sorted(store.get([*wanted, *answering]), key=told_order)
    if until:
        stored = [d for d in stored if d.raw.published_at and d.raw.published_at < until]
    names = naming.names_of(side, naming.known_names(home))
    outside = set(answering)
    own = [document for document in stored if document.id not in outside]
    found = found.as_of(until) if until else found
    told = {step.document for step in found.steps}
    unreviewed = tuple(
        step
        for document in stored
        if document.id not in told
        for step, sure in steps_in(document, names)
        if not sure
    )
    members = tuple(member.document for member in group)
    return Dossier(found, side, members, tuple(answering), know(own, found.steps), unreviewed)


def documents_read(home: Home, store: Store, id: str) -> tuple[Event, list[Document]]:
    """An event and those of its documents that are read for it, in time order: all, or of many the earliest
    and the latest."""
    with State.open(home).begin() as connection:
        found = _find(connection, id)
        wanted = _read_of(connection, found.id)
    return found, sorted(store.get(wanted), key=told_order)


def side_of_event(home: Home, event: Event) -> tuple[str, ...]:
    """The parties of *event* whose words are answers to it."""
    own = tables.members.c
    accusing = and_(own.event == event.id, own.part.bitwise_and(int(Part.ACCUSING)) != 0)
    often: Counter[str] = Counter()
    with State.open(home).begin() as connection:
        for parties, count in connection.execute(
            select(own.parties, func.count()).where(accusing).group_by(own.parties)
        ):
            often.update(dict.fromkeys(_names(parties), count))
        first = connection.scalar(select(own.parties).where(accusing).order_by(*_IN_TIME).limit(1))
    return side_counted(often, _names(first or ""), event.parties)


def is_read(home: Home, event: Event) -> bool:
    """True if all documents of *event* that may hold an answer are read for one."""
    own = tables.members.c
    said = and_(own.event == event.id, own.part.bitwise_and(int(Part.SAID)) != 0)
    with State.open(home).begin() as connection:
        return (
            connection.scalar(select(func.count()).select_from(tables.members).where(said)) or 0
        ) <= linking.READ


def as_record(value: Any) -> Any:
    """Events, dossiers and what they hold as plain JSON values, times as ISO 8601 with ``+08:00``."""
    if isinstance(value, datetime):
        return iso(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_record(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [as_record(item) for item in value]
    return value.value if isinstance(value, Enum) else value


def _find(connection: Connection, id: str) -> Event:
    for _ in range(8):
        # By its beginning every event there is would be looked at.
        if row := connection.execute(select(tables.events).where(tables.events.c.id == id)).first():
            return _event(row)
        rows = connection.execute(
            select(tables.events).where(tables.events.c.id.startswith(id, autoescape=True)).limit(2)
        ).all()
        if len(rows) == 1:
            return _event(rows[0])
        if rows:
            raise UsageError(f"More than one event begins with {id}.", remedy="Write more of the id.")
        new = connection.scalar(
            select(tables.aliases.c.new).where(tables.aliases.c.old.startswith(id, autoescape=True)).limit(1)
        )
        if new is None:
            break
        id = new
    raise UsageError(f"There is no event {id}.", remedy="fengping affairs list shows them.")


def _read_of(connection: Connection, id: str) -> list[str]:
    """Ids of the documents that are read of an event, in time order."""
    query = select(tables.members.c.document).where(tables.members.c.event == id)
    first = connection.scalars(query.order_by(*_IN_TIME).limit(EARLIEST + LATEST + 1)).all()
    if len(first) <= EARLIEST + LATEST:
        return list(first)
    last = connection.scalars(query.order_by(*(one.desc() for one in _IN_TIME)).limit(LATEST)).all()
    return [*first[:EARLIEST], *reversed(last)]


def _members(connection: Connection, id: str) -> list[Member]:
    """Members of an event in time order."""
    query = select(tables.members).where(tables.members.c.event == id)
    ordered = query.order_by(*_IN_TIME)
    return [
        Member(
            row.document, row.published_at, Part(row.part), _names(row.parties),
            row.publisher, _names(row.matter),
        )
        for row in connection.execute(ordered)
    ]  # fmt: skip


def _event(row: Row[Any]) -> Event:
    return Event(
        row.id, row.title, row.first_at, row.last_at, row.documents, row.charges, row.publishers,
        _names(row.parties), _names(row.accused),
        Status(row.status),
        tuple(Step.from_record(step) for step in json.loads(row.history)),
        _names(row.matter), row.closed, _names(row.confirmed),
    )  # fmt: skip


def _names(joined: str) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("|")))
