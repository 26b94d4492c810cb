"""Outcome of an update, written: members and events into the state database, their mark into the store."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, delete, insert

from fengping.events import tables
from fengping.events.answers.linking import Linker
from fengping.events.answers.verdicts import Case, Reader, Verdict, read_apart
from fengping.events.building.candidates import Member
from fengping.events.building.chunks import IN, batched
from fengping.events.matching.sketch import Part
from fengping.home import Home
from fengping.indexer import Store

_AT_ONCE = 1_000
APART = 50_000
"""Events from which their documents are read by processes of their own, which take a second to begin."""


def write_members(
    connection: Connection,
    changed: Iterable[tuple[str, Sequence[str]]],
    members: dict[str, Member],
    before: dict[str, str],
    fresh: Collection[str],
    ids: Collection[str],
    *,
    anew: bool,
) -> None:
    rows = [
        {
            "document": id, "event": event, "published_at": members[id].published_at,
            "part": int(members[id].part), "parties": "|".join(members[id].parties)[:255],
            "publisher": members[id].publisher,
        }
        for event, group in changed for id in group
        if anew or id in fresh or before.get(id) != event
    ]  # fmt: skip
    if anew:
        connection.execute(delete(tables.members))
    else:
        for chunk in batched([row["document"] for row in rows if row["document"] in before], IN):
            connection.execute(delete(tables.members).where(tables.members.c.document.in_(chunk)))
    for part in batched(rows, _AT_ONCE):
        connection.execute(insert(tables.members), part)


def mark(
    store: Store,
    changed: Iterable[tuple[str, Sequence[str]]],
    fresh: Collection[str],
    before: dict[str, str],
    *,
    anew: bool,
) -> None:
    """Sets ``event`` of stored documents. A document alone in its event bears none: it costs a rewrite."""
    sizes = Counter(before.values())
    marks: dict[str, dict[str, str]] = {}
    for event, group in changed:
        for id in group:
            now, then = event if len(group) > 1 else "", before.get(id, "")
            if sizes[then] < 2 or anew or id in fresh:
                then = ""
            if now != then:
                marks[id] = {"event": now}
    for chunk in batched(marks, _AT_ONCE):
        store.update({id: marks[id] for id in chunk})


def write_events(
    connection: Connection,
    changed: Sequence[tuple[str, Sequence[str]]],
    members: dict[str, Member],
    linker: Linker,
    titles: dict[str, str],
    home: Home,
    store: Store,
) -> None:
    """Writes what is known of *changed* events, their answers read from the *store*."""
    reader = Reader(home, store)
    waiting: deque[tuple[dict[str, list[Member]], dict[str, str]]] = deque()

    def cases() -> Iterator[list[Case]]:
        for chunk in batched(changed, _AT_ONCE):
            groups = {event: [members[id] for id in group] for event, group in chunk}
            told_of = reader.titles({event: _lead(group).document for event, group in groups.items()}, titles)
            waiting.append((groups, told_of))
            yield linker.cases(groups, told_of)

    apart = len(changed) >= APART
    for verdicts in read_apart(home, cases()) if apart else map(reader.read, cases()):
        groups, told_of = waiting.popleft()
        _write(connection, groups, told_of, dict(zip(groups, verdicts, strict=True)))


def _write(
    connection: Connection,
    groups: Mapping[str, Sequence[Member]],
    told_of: Mapping[str, str],
    read: Mapping[str, Verdict],
) -> None:
    for part in batched(groups, IN):
        connection.execute(delete(tables.events).where(tables.events.c.id.in_(part)))
        connection.execute(delete(tables.answers).where(tables.answers.c.event.in_(part)))
    rows, linked = [], []
    for event, group in groups.items():
        dated = [member.published_at for member in group if member.published_at]
        verdict = read[event]
        rows.append(
            {
                "id": event, "founder": group[0].document, "title": told_of[event],
                "first_at": min(dated, default=None), "last_at": max(dated, default=None),
                "documents": len(group), "charges": sum(Part.CHARGE in m.part for m in group),
                "trade": sum(Part.TRADE in m.part for m in group),
                "publishers": len({m.publisher for m in group}),
                "parties": "|".join(verdict.parties)[:255], "status": verdict.status.value,
                "history": json.dumps([step.record() for step in verdict.steps], ensure_ascii=False),
            }
        )  # fmt: skip
        linked += [{"event": event, "document": id} for id in verdict.linked]
    connection.execute(insert(tables.events), rows)
    if linked:
        connection.execute(insert(tables.answers), linked)


def _lead(group: Sequence[Member]) -> Member:
    """The first charge, else the first document."""
    return next((member for member in group if Part.CHARGE in member.part), group[0])
