"""The last word on events: what persons decided, by documents, to outlive reindexing, models and machines."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from fengping.clock import iso, parse_moment
from fengping.errors import UsageError
from fengping.events import tables
from fengping.events.answers.status import Status, Step, joined, standing, status_of
from fengping.events.asking import documents_of, find
from fengping.events.building.chunks import IN, batched
from fengping.home import Home
from fengping.indexer import changes
from fengping.indexer.changes import What
from fengping.state import State

TITLE = 120
"""Characters of a title."""


class Kind(StrEnum):
    """What is decided."""

    JOIN = "join"
    """The events of both documents are one."""
    PIN = "pin"
    """The document stands with the anchor, apart from the event it was in."""
    MOVE = "move"
    """The document is of the anchor's event."""
    LINK = "link"
    """The events of both are one affair."""
    TITLE = "title"
    ACCUSED = "accused"
    MATTER = "matter"
    STATUS = "status"
    CLOSED = "closed"
    STEP = "step"
    """What the document tells of the event that the anchor founded."""


VALUES = (Kind.TITLE, Kind.ACCUSED, Kind.MATTER, Kind.STATUS, Kind.CLOSED)
"""Kinds that give an event a value."""
NONE = "无"
"""In place of a status: the document tells no step of the event."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was written down."""

    number: int
    kind: str
    document: str
    anchor: str
    value: str
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime | None


def merge(home: Home, ids: Sequence[str], now: datetime, by: str = "", kind: Kind = Kind.JOIN) -> None:
    """Makes one event of several from the next update on; with :attr:`Kind.LINK` one affair.

    Raises :class:`UsageError` for fewer than two.
    """
    if len(ids) < 2:
        raise UsageError("Two events at least make one.", remedy="Name them: fengping affairs merge ID ID")
    first, *others = [founder(home, id) for id in ids]
    if not set(others) - {first}:
        raise UsageError("These are one event already.")
    _write(home, [(kind, one, first, "") for one in others], by, now)


def split(home: Home, id: str, documents: Sequence[str], now: datetime, by: str = "") -> None:
    """Takes *documents* out of an event into one of their own from the next update on.

    Raises :class:`UsageError` for documents that are not in it, or where nothing would be left.
    """
    event = find(home, id)
    members = documents_of(home, event.id)
    if strangers := [document for document in documents if document not in members]:
        raise UsageError(f"{strangers[0]} is no document of the event {event.id}.")
    stay = [one for one in members if one not in documents]
    if not documents or not stay:
        raise UsageError("Some documents must go and some stay.", remedy=f"fengping affairs show {event.id}")
    _write(home, [(Kind.PIN, one, documents[0], "") for one in documents], by, now)
    # The event keeps what was decided on it.
    values = tables.hands.c.kind.in_(VALUES), tables.hands.c.document.in_(documents)
    with State.open(home).begin() as connection:
        connection.execute(update(tables.hands).where(*values).values(document=stay[0]))


def move(home: Home, id: str, documents: Sequence[str], now: datetime, by: str = "") -> None:
    """Takes *documents* into an event from the next update on.

    Raises :class:`UsageError` for a document that no event has.
    """
    anchor = founder(home, id)
    _times(home, documents)
    _write(home, [(Kind.MOVE, one, anchor, "") for one in documents if one != anchor], by, now)


def say(home: Home, id: str, values: Mapping[Kind, str], now: datetime, by: str = "") -> None:
    """Gives an event *values*; several names or classes are joined by ``|``, an empty reason opens it again.

    Raises :class:`UsageError` for a status that there is not, and for an empty title.
    """
    if Kind.TITLE in values and not 0 < len(values[Kind.TITLE].strip()) <= TITLE:
        raise UsageError(f"A title has 1 to {TITLE} characters.")
    status_of(values.get(Kind.STATUS, ""))
    document = founder(home, id)
    _write(home, [(kind, document, "", value.strip()) for kind, value in values.items()], by, now)


def step(
    home: Home, id: str, document: str, status: str, now: datetime, by: str = "", sentence: str = ""
) -> None:
    """Says which step of an event a document tells, or by :data:`NONE` that it tells none.

    Raises :class:`UsageError` for a document that no event has, and for a status that there is not.
    """
    status_of("" if status == NONE else status)
    times = _times(home, [document])
    told = {"status": status, "sentence": sentence, "at": iso(times[document])}
    value = json.dumps(told, ensure_ascii=False)
    _write(home, [(Kind.STEP, document, founder(home, id), value)], by, now)


def undo(home: Home, number: int, now: datetime, by: str = "") -> Decision:
    """Takes a decision back; raises :class:`UsageError` where none of that number is in force."""
    table = tables.hands
    with State.open(home).begin() as connection:
        row = connection.execute(
            select(table).where(table.c.id == number, table.c.undone_at.is_(None))
        ).first()
        if row is None:
            raise UsageError(
                f"There is no decision {number} to take back.",
                remedy="fengping affairs decisions lists them.",
            )
        connection.execute(update(table).where(table.c.id == number).values(undone_by=by[:64], undone_at=now))
        changes.add(connection, What.BY_HAND, filter(None, (row.document, row.anchor)))
    return _decision(row)


def decisions(home: Home, id: str = "") -> list[Decision]:
    """Everything decided on an event, or on all, also what was taken back; the latest first."""
    table = tables.hands.c
    asked = select(tables.hands).order_by(table.id.desc())
    if id:
        own = select(tables.members.c.document).where(tables.members.c.event == find(home, id).id)
        asked = asked.where(or_(table.document.in_(own), table.anchor.in_(own)))
    with State.open(home).begin() as connection:
        return [_decision(row) for row in connection.execute(asked)]


def linked(home: Home, id: str) -> list[str]:
    """Ids of the other events of the affair of one, by the links of persons."""
    found, asked = {id}, [id]
    hands, one, other = tables.hands.c, tables.members.alias(), tables.members.alias()
    with State.open(home).begin() as connection:
        while asked:
            event = asked.pop()
            for here, there in ((hands.document, hands.anchor), (hands.anchor, hands.document)):
                rows = connection.scalars(
                    select(other.c.event)
                    .select_from(tables.hands)
                    .join(one, one.c.document == here)
                    .join(other, other.c.document == there)
                    .where(hands.kind == Kind.LINK, hands.undone_at.is_(None), one.c.event == event)
                )
                asked += (fresh := {*rows} - found)
                found |= fresh
    return sorted(found - {id})


def split_off(home: Home) -> frozenset[str]:
    """Ids of the events that hold a document which was taken out of another by hand."""
    in_force = tables.hands.c.kind == Kind.PIN, tables.hands.c.undone_at.is_(None)
    pinned = select(tables.hands.c.document).where(*in_force)
    asked = select(tables.members.c.event).where(tables.members.c.document.in_(pinned)).distinct()
    with State.open(home).begin() as connection:
        return frozenset(connection.scalars(asked))


class LastWord:
    """What was decided on the values and steps of events, by documents."""

    def __init__(self, connection: Connection) -> None:
        table = tables.hands
        self._rows: dict[str, list[Row[Any]]] = defaultdict(list)
        asked = select(table).where(table.c.kind.in_((*VALUES, Kind.STEP)), table.c.undone_at.is_(None))
        for row in connection.execute(asked.order_by(table.c.id)):
            self._rows[row.anchor or row.document].append(row)

    def over(self, event: dict[str, Any], documents: Iterable[str]) -> dict[str, Any]:
        """The columns of an *event* of *documents* with what was decided in place of what was found."""
        found = (row for one in documents for row in self._rows.get(one, ())) if self._rows else ()
        rows = sorted(found, key=lambda row: row.id)
        said: dict[str, str] = {row.kind: row.value for row in rows if row.kind in VALUES}
        if steps := {row.document: row for row in rows if row.kind == Kind.STEP}:
            event |= _with_steps(event, steps)
        if Kind.ACCUSED in said and "parties" in event:
            names = (*said[Kind.ACCUSED].split("|"), *event["parties"].split("|"))
            event["parties"] = "|".join(dict.fromkeys(filter(None, names)))[:255]
        confirmed = [kind for kind in (*VALUES, Kind.STEP) if kind in said or (kind == Kind.STEP and steps)]
        return {"closed": ""} | event | said | {"confirmed": "|".join(confirmed)}


def _with_steps(event: Mapping[str, Any], decided: Mapping[str, Row[Any]]) -> dict[str, Any]:
    """History and status with the *decided* steps of documents in place of those that were found."""
    if "history" not in event:
        return {}
    found = [Step.from_record(record) for record in json.loads(event["history"])]
    kept = [one for one in found if one.document not in decided]
    for document, row in decided.items():
        said = json.loads(row.value)
        if said["status"] != NONE:
            own = next((one.sentence for one in found if one.document == document), "")
            at = parse_moment(said["at"]) if said["at"] else None
            told = Step(Status(said["status"]), at, document, said["sentence"] or own, confirmed=True)
            kept.append(told)
    steps = joined(kept)
    return {
        "history": json.dumps([one.record() for one in steps], ensure_ascii=False),
        "status": standing(steps).value,
    }


def pins_and_joins(
    connection: Connection,
) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]:
    """Documents that stand with an anchor apart, those taken into the event of one, and pairs whose events
    are one. The last word on a document holds."""
    table, structural = tables.hands, (Kind.PIN, Kind.MOVE, Kind.JOIN)
    asked = select(table).where(table.c.kind.in_(structural), table.c.undone_at.is_(None))
    pins: dict[str, str] = {}
    moves: dict[str, str] = {}
    joined: list[tuple[str, str]] = []
    for row in connection.execute(asked.order_by(table.c.id)):
        if row.kind == Kind.JOIN:
            joined.append((row.anchor, row.document))
            continue
        into, out_of = (pins, moves) if row.kind == Kind.PIN else (moves, pins)
        out_of.pop(row.document, None)
        into[row.document] = row.anchor
    return pins, moves, joined


def founder(home: Home, id: str) -> str:
    """The first document of an event."""
    event = find(home, id).id
    with State.open(home).begin() as connection:
        asked = select(tables.events.c.founder).where(tables.events.c.id == event)
        return str(connection.scalar(asked))


def _times(home: Home, documents: Sequence[str]) -> dict[str, datetime | None]:
    """When each of *documents* was published, all of them members of events."""
    member = tables.members.c
    with State.open(home).begin() as connection:
        asked = select(member.document, member.published_at).where(member.document.in_(documents))
        found = {row.document: row.published_at for row in connection.execute(asked)}
    if strangers := [one for one in documents if one not in found]:
        raise UsageError(
            f"{strangers[0]} is no document of any event.", remedy="fengping affairs show lists their ids."
        )
    return found


def _write(home: Home, rows: Sequence[tuple[Kind, str, str, str]], by: str, now: datetime) -> None:
    """Writes decisions down: kind, document, anchor and value of each."""
    given = [
        {"kind": kind, "document": document, "anchor": anchor, "value": value, "by": by[:64],
         "undone_by": "", "at": now}
        for kind, document, anchor, value in rows
    ]  # fmt: skip
    touched = dict.fromkeys(id for _, document, anchor, _ in rows for id in (document, anchor) if id)
    with State.open(home).begin() as connection:
        for part in batched(given, IN):
            connection.execute(insert(tables.hands), part)
        changes.add(connection, What.BY_HAND, touched)


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        row.id, row.kind, row.document, row.anchor, row.value, row.by, row.at, row.undone_by, row.undone_at
    )
