"""Outcome of an update, written: members and events into the state database, their mark into the store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from fengping.events import tables
from fengping.events.answers.linking import Linker
from fengping.events.answers.parties import accused_by
from fengping.events.answers.status import Step, joined, standing
from fengping.events.answers.verdicts import Reader, Verdict
from fengping.events.building.book import GONE, Book
from fengping.events.building.candidates import Member
from fengping.events.building.chunks import IN, batched, delete_those
from fengping.events.building.naming import id_of
from fengping.events.by_hand import LastWord
from fengping.events.matching.kernel import Array
from fengping.events.matching.sketch import Part
from fengping.home import Home
from fengping.indexer import Filter, Store, arrivals
from fengping.state import State

_AT_ONCE = 1_000
_LOOKED_THROUGH = 100_000
"""Documents of a home that are looked through at once."""
Groups = dict[str, list[Member]]


def write_members(
    connection: Connection,
    assigned: Iterable[tuple[str, Sequence[str]]],
    fresh: Mapping[str, Member],
    before: Mapping[str, str],
    stored: Collection[str],
) -> None:
    """Writes the members of events: *fresh* ones whole, of which *stored* have a row, others' event."""
    rows, moved = [], []
    for event, group in assigned:
        for id in group:
            if member := fresh.get(id):
                rows.append(
                    {
                        "document": id, "event": event, "published_at": member.published_at,
                        "part": int(member.part), "parties": "|".join(member.parties)[:255],
                        "publisher": member.publisher, "matter": "|".join(member.matter)[:64],
                    }
                )  # fmt: skip
            elif before.get(id) != event:
                moved.append({"id": id, "now": event})
    delete_those(connection, tables.members.c.document, [id for id in fresh if id in stored])
    for part in batched(rows, _AT_ONCE):
        connection.execute(insert(tables.members), part)
    if moved:
        named = tables.members.c.document == bindparam("id")
        connection.execute(update(tables.members).where(named).values(event=bindparam("now")), moved)


def hand_over(connection: Connection, taken_over: Mapping[str, str]) -> None:
    """Has the ids of *taken_over* mean the events that took them over, and members not looked at be theirs:
    documents that come yet into a store that is filled."""
    rows = [{"old": old, "new": new} for old, new in taken_over.items()]
    _join_read(connection, taken_over)
    _hand_rows(connection, tables.parties, "party", taken_over)
    _hand_rows(connection, tables.answers, "document", taken_over)
    for column in (*tables.OWN, tables.answers.c.event, tables.aliases.c.old):
        delete_those(connection, column, taken_over)
    if rows:
        left = update(tables.members).where(tables.members.c.event == bindparam("old"))
        connection.execute(left.values(event=bindparam("new")), rows)
        connection.execute(insert(tables.aliases), rows)
    # Answers stand outside: those that are within now are none.
    answer, member = tables.answers.c, tables.members.c
    within = select(member.document).where(member.document == answer.document, member.event == answer.event)
    for chunk in batched({*taken_over.values()}, IN):
        connection.execute(delete(tables.answers).where(answer.event.in_(chunk), within.exists()))


def _hand_rows(connection: Connection, table: Table, name: str, taken_over: Mapping[str, str]) -> None:
    """Adds to the rows of events those of the ones that they took over, which are told apart by *name*."""
    there, left = set[tuple[str, str]](), set[tuple[str, str]]()
    for chunk in batched({*taken_over, *taken_over.values()}, IN):
        asked = select(table.c.event, table.c[name]).where(table.c.event.in_(chunk))
        for event, value in connection.execute(asked):
            (left if event in taken_over else there).add((taken_over.get(event, event), value))
    if rows := [{"event": event, name: value} for event, value in sorted(left - there)]:
        connection.execute(insert(table), rows)


def _join_read(connection: Connection, taken_over: Mapping[str, str]) -> None:
    """Has those that take others over stand as all of them do, for as long as they cannot be read anew.

    Of one that accuses others only the parties are joined: nobody answers for another.
    """
    event = tables.events.c
    found: dict[str, list[Row[Any]]] = {}
    for chunk in batched({*taken_over, *taken_over.values()}, IN):
        for row in connection.execute(select(tables.events).where(event.id.in_(chunk))):
            found.setdefault(taken_over.get(row.id, row.id), []).append(row)
    for new, rows in found.items():
        # One that this update named has no row yet: the largest of the others becomes its own.
        own, *others = sorted(rows, key=lambda row: (row.id != new, -row.documents, row.id))
        parties = dict.fromkeys(name for row in (own, *others) for name in row.parties.split("|") if name)
        joint = {"id": new, "parties": "|".join(parties)[:255]}
        alike = [own, *(row for row in others if _accused(row) & _accused(own))]
        steps = [Step.from_record(record) for row in alike for record in json.loads(row.history)]
        if history := joined(steps):
            joint |= {"status": standing(history).value, "history": _told(history)}
        connection.execute(update(tables.events).where(event.id == own.id).values(joint))


def _accused(row: Row[Any]) -> set[str]:
    """Those whose answers the history of an event holds: all of its parties where nobody is accused."""
    return {*filter(None, (row.accused or row.parties).split("|"))}


def _told(steps: Iterable[Step]) -> str:
    return json.dumps([step.record() for step in steps], ensure_ascii=False)


def mark(
    store: Store,
    assigned: Iterable[tuple[str, Sequence[str]]],
    bears: Mapping[str, str],
    before: Mapping[str, str],
    loose: Collection[str],
) -> None:
    """Sets ``event`` of stored documents. A document alone in its event bears none: it costs a rewrite.

    *bears*: the mark of fresh documents, of which a new version keeps that of the one before; *loose*:
    documents of which it is not known, though others of their event have borne one.
    """
    sizes = Counter(event for id, event in before.items() if id not in bears)
    marks: dict[str, dict[str, str]] = {}
    for event, group in assigned:
        for id in group:
            now, was = event if len(group) > 1 else "", before.get(id, "")
            then = bears.get(id, was if sizes[was] > 1 else "")
            if now != then or id in loose:
                marks[id] = {"event": now}
    for chunk in batched(marks, _AT_ONCE):
        store.update({id: marks[id] for id in chunk})


def unmark(store: Store, ids: Iterable[str]) -> None:
    """Has documents bear no event."""
    for chunk in batched(ids, _AT_ONCE):
        store.update({id: {"event": ""} for id in chunk})


def restore_marks(store: Store, book: Book) -> None:
    """Has every stored document bear the event of the *book*, or none; those that do are not written."""
    # Also for documents that the book lacks, whose slot is the last one.
    events = np.append(book.events, GONE)
    numbers, sizes = np.unique(events, return_counts=True)
    shared = numbers[(sizes > 1) & (numbers < GONE)]
    for chunk in batched(store.columns(Filter(), ("id", "event")), _LOOKED_THROUGH):
        found = events[book.find([id for id, _ in chunk])]
        rows = zip(chunk, found.tolist(), np.isin(found, shared).tolist(), strict=True)
        marks = {id: id_of(number) if several else "" for (id, _), number, several in rows}
        wrong = [id for id, mark in chunk if mark != marks[id]]
        for part in batched(wrong, _AT_ONCE):
            store.update({id: {"event": marks[id]} for id in part})


def sweep(connection: Connection, book: Book) -> dict[str, str]:
    """Takes out members that the *book* does not hold, and events that have none; the event of each."""
    gone: dict[str, str] = {}
    rows = connection.execute(select(tables.members.c.document, tables.members.c.event))
    for chunk in batched(rows, _LOOKED_THROUGH):
        found = book.find([row.document for row in chunk]).tolist()
        gone |= {row.document: row.event for row, slot in zip(chunk, found, strict=True) if slot < 0}
    delete_those(connection, tables.members.c.document, gone)
    for column in (*tables.OWN, tables.answers.c.event):
        # Asked by the index on members: beside a list of them, PostgreSQL goes through all for each row.
        kept = select(tables.members.c.event).where(tables.members.c.event == column).exists()
        connection.execute(delete(column.table).where(~kept))
    return gone


class Writing:
    """Writes what is known of events, their answers read from the store."""

    def __init__(
        self, home: Home, store: Store, state: State, linker: Linker, titles: Mapping[str, str], until: int
    ) -> None:
        """*titles*: of some documents; the store is asked for others. *until*: the last row of the change log
        that is taken in."""
        self._until = until
        self._state, self._linker, self._titles = state, linker, titles
        self._store = store
        self._reader = Reader(home, store)

    def write(self, numbers: Array) -> None:
        """Writes the events of these *numbers*, in transactions of some hundred.

        Those that stand written keep what was read of them while the store lacks documents that are to come
        again: when all are there, every event is read.
        """
        for chunk in batched(map(id_of, numbers.tolist()), IN):
            with self._state.begin() as connection:
                groups = members_of(connection, chunk)
            leads = {event: _lead(group).document for event, group in groups.items()}
            titles = self._reader.titles(leads, self._titles)
            verdicts = self._reader.read(self._linker.cases(groups))
            # After they were read, lest the store was emptied meanwhile.
            empty = not self._store.count(Filter())
            with self._state.begin() as connection:
                read = dict(zip(groups, verdicts, strict=True))
                # Also where all came again since: they were read beside it.
                partial = empty or not arrivals.holds_all(connection, self._until)
                word = LastWord(connection)
                for event in _written(connection, groups) if partial else ():
                    group = groups.pop(event)
                    own = update(tables.events).where(tables.events.c.id == event)
                    values = word.over(_counted(group), (one.document for one in group))
                    connection.execute(own.values(values))
                _write(connection, groups, titles, read, word)


def members_of(connection: Connection, events: Sequence[str]) -> Groups:
    """The members of *events*, each in time order, undated ones last."""
    table = tables.members.c
    query = select(tables.members).where(table.event.in_(events))
    groups: Groups = {event: [] for event in events}
    for row in connection.execute(
        query.order_by(table.published_at.is_(None), table.published_at, table.document)
    ):
        parties, matter = (tuple(filter(None, names.split("|"))) for names in (row.parties, row.matter))
        groups[row.event].append(
            Member(row.document, row.published_at, Part(row.part), parties, row.publisher, matter)
        )
    return {event: group for event, group in groups.items() if group}


def _write(
    connection: Connection,
    groups: Mapping[str, Sequence[Member]],
    told_of: Mapping[str, str],
    read: Mapping[str, Verdict],
    word: LastWord,
) -> None:
    for column in (*tables.OWN, tables.answers.c.event):
        delete_those(connection, column, groups)
    rows, linked, spoken = [], [], []
    for event, group in groups.items():
        verdict = read[event]
        columns = _counted(group) | {
            "id": event, "title": told_of[event],
            "parties": "|".join(verdict.parties)[:255], "status": verdict.status.value,
            "history": _told(verdict.steps),
        }  # fmt: skip
        rows.append(word.over(columns, (member.document for member in group)))
        linked += [{"event": event, "document": id} for id in verdict.linked]
        spoken += [{"event": event, "party": name} for name in {*rows[-1]["parties"].split("|")} - {""}]
    if rows:
        connection.execute(insert(tables.events), rows)
    for table, found in ((tables.answers, linked), (tables.parties, spoken)):
        if found:
            connection.execute(insert(table), found)


def _written(connection: Connection, events: Iterable[str]) -> list[str]:
    """Those of *events* that stand written."""
    return list(connection.scalars(select(tables.events.c.id).where(tables.events.c.id.in_(list(events)))))


def _counted(group: Sequence[Member]) -> dict[str, Any]:
    """The columns of an event that its members alone tell."""
    dated = [member.published_at for member in group if member.published_at]
    return {
        "founder": group[0].document, "matter": "|".join(matter_of(group)),
        "accused": "|".join(accused_by(group))[:255],
        "first_at": min(dated, default=None), "last_at": max(dated, default=None),
        "documents": len(group), "charges": sum(Part.CHARGE in m.part for m in group),
        "trade": sum(Part.TRADE in m.part for m in group), "publishers": len({m.publisher for m in group}),
    }  # fmt: skip


def matter_of(group: Sequence[Member]) -> tuple[str, ...]:
    """The complaint classes of an event's charges, most often first, of a fifth of them at least."""
    charges = [member.matter for member in group if Part.CHARGE in member.part]
    often = Counter(code for codes in charges for code in codes)
    return tuple(code for code, count in often.most_common(3) if count * 5 >= len(charges))


def _lead(group: Sequence[Member]) -> Member:
    """The first charge, one that is no answer or official act before others; else the first document."""
    charges = [member for member in group if Part.CHARGE in member.part]
    return next((member for member in charges if Part.ACT not in member.part), (charges or group)[0])
