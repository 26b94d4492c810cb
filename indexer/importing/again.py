"""Contents that an import brought again, so that undoing another one takes nothing from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Row,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from fengping.erasure import in_parts
from fengping.indexer.importing.runs import import_runs
from fengping.state import metadata

Content = tuple[bytes, bytes]
"""Id and fingerprint of a version."""

Terms = tuple[str, str]
"""Kind and channel."""

imported_again = Table(
    "imported_again",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("fingerprint", LargeBinary(8), primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("alike", Boolean, nullable=False),
    Column("owned", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Imports that brought a content which was there; ``owned`` where the one that wrote it was undone. Not
``alike``: with a kind or channel, which what was there did not get."""

_KEPT = 2
"""Imports of a source, kind and channel that are noted of a content, the first and the latest: a file that
grows may be imported every night."""
_OF = (
    select(imported_again, import_runs.c.source, import_runs.c.kind, import_runs.c.channel)
    .join(import_runs, import_runs.c.id == imported_again.c.run)
    .where(imported_again.c.id.in_(bindparam("ids", expanding=True)))
)
_ONE = (
    (imported_again.c.id == bindparam("of"))
    & (imported_again.c.fingerprint == bindparam("content"))
    & (imported_again.c.run == bindparam("by"))
)


class Holder(NamedTuple):
    """An import in force that brought a content again."""

    run: int
    source: str
    alike: bool
    given: Terms
    """As of :attr:`ImportRun.given`."""

    def brought(self, source: str, had: Terms) -> bool:
        """True where the content is of that *source*, and *had* what this import would have given it."""
        asked = [(given, own) for given, own in zip(self.given, had, strict=True) if given]
        fits = bool(asked) and all(given == own for given, own in asked)
        return self.source == source and (self.alike or fits)


def note_again(connection: Connection, number: int, contents: Collection[Content], *, alike: bool) -> None:
    """Notes that import *number* brought *contents*, which were there; not *alike*: with a kind or
    channel, which they did not get."""
    own = _terms(connection.execute(select(import_runs).where(import_runs.c.id == number)).one())
    known: defaultdict[Content, dict[int, bool]] = defaultdict(dict)
    for ids in in_parts({id for id, _ in contents}):
        for row in connection.execute(_OF, {"ids": ids}):
            if _terms(row) == own and row.alike == alike:
                known[row.id, row.fingerprint][row.run] = row.owned
    rows, moved = [], []
    for id, content in sorted(contents):
        runs = known[id, content]
        if number in runs:
            continue
        latest = max((run for run, owned in runs.items() if not owned), default=None)
        if len(runs) >= _KEPT and latest is not None:
            moved.append({"of": id, "content": content, "by": latest})
        else:
            rows.append({"id": id, "fingerprint": content, "run": number, "alike": alike, "owned": False})
    if moved:
        connection.execute(update(imported_again).where(_ONE).values(run=number), moved)
    if rows:
        connection.execute(insert(imported_again), rows)


def _terms(row: Row[Any]) -> tuple[str, str, str]:
    return row.source, row.kind, row.channel


def holders(
    connection: Connection, number: int, contents: Collection[Content]
) -> dict[Content, list[Holder]]:
    """Imports in force, other than *number*, that brought any of *contents* too; the earliest first."""
    query = _OF.where(import_runs.c.undone_at.is_(None), imported_again.c.run != number)
    found: defaultdict[Content, list[Holder]] = defaultdict(list)
    for ids in in_parts({id for id, _ in contents}):
        for row in connection.execute(query.order_by(imported_again.c.run), {"ids": ids}):
            if (row.id, row.fingerprint) in contents:
                found[row.id, row.fingerprint].append(Holder(row.run, row.source, row.alike, _terms(row)[1:]))
    return found


def owned(connection: Connection, number: int) -> set[Content]:
    """Contents that belong to import *number*, because the one that wrote them was undone."""
    query = select(imported_again).where(imported_again.c.run == number, imported_again.c.owned)
    return {(row.id, row.fingerprint) for row in connection.execute(query)}


def hand_over(connection: Connection, kept: dict[Content, int]) -> None:
    """Lets each content belong to the import that stands beside it."""
    rows = [{"of": id, "content": content, "by": run} for (id, content), run in sorted(kept.items())]
    if rows:
        connection.execute(update(imported_again).where(_ONE).values(owned=True), rows)


def drop_run(connection: Connection, number: int) -> None:
    """Notes of an import that was undone go."""
    connection.execute(delete(imported_again).where(imported_again.c.run == number))


def drop_ids(connection: Connection, ids: Collection[bytes]) -> None:
    """Notes about forgotten documents go."""
    for part in in_parts(ids):
        connection.execute(delete(imported_again).where(imported_again.c.id.in_(part)))
