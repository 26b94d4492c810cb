"""Contents that an import brought again, so that undoing another one takes nothing from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from fengping.indexer.importing.runs import import_runs
from fengping.state import metadata

Content = tuple[bytes, bytes]
"""Id and fingerprint of a version."""

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
``alike``: as another kind or channel, which it did not get."""

_KEPT = 2
"""Imports noted of a content, the first and the latest: a file that grows may be imported every night."""
_LOOKED_UP = 900
_OF = select(imported_again).where(imported_again.c.id.in_(bindparam("ids", expanding=True)))
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


def note_again(connection: Connection, number: int, contents: Collection[Content], *, alike: bool) -> None:
    """Notes that import *number* brought *contents*, which were there; *alike*: as they are."""
    known: defaultdict[Content, list[tuple[int, bool]]] = defaultdict(list)
    for ids in _in_parts(contents):
        for row in connection.execute(_OF, {"ids": ids}):
            known[row.id, row.fingerprint].append((row.run, row.owned))
    rows, passed = [], []
    for id, content in sorted(contents):
        runs = sorted(known[id, content])
        if number in [run for run, _ in runs]:
            continue
        rows.append({"id": id, "fingerprint": content, "run": number, "alike": alike, "owned": False})
        if len(runs) >= _KEPT:
            latest = max(run for run, owned in runs if not owned)
            passed.append({"of": id, "content": content, "by": latest})
    if passed:
        connection.execute(delete(imported_again).where(_ONE), passed)
    if rows:
        connection.execute(insert(imported_again), rows)


def holders(
    connection: Connection, number: int, contents: Collection[Content]
) -> dict[Content, list[Holder]]:
    """Imports in force, other than *number*, that brought any of *contents* too; the earliest first."""
    query = select(imported_again, import_runs.c.source).join(
        import_runs, import_runs.c.id == imported_again.c.run
    )
    query = query.where(import_runs.c.undone_at.is_(None), imported_again.c.run != number)
    query = query.where(imported_again.c.id.in_(bindparam("ids", expanding=True)))
    found: defaultdict[Content, list[Holder]] = defaultdict(list)
    for ids in _in_parts(contents):
        for row in connection.execute(query.order_by(imported_again.c.run), {"ids": ids}):
            if (row.id, row.fingerprint) in contents:
                found[row.id, row.fingerprint].append(Holder(row.run, row.source, row.alike))
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
    for part in _in_parts({(id, b"") for id in ids}):
        connection.execute(delete(imported_again).where(imported_again.c.id.in_(part)))


def _in_parts(contents: Collection[Content]) -> Iterator[list[bytes]]:
    ids = sorted({id for id, _ in contents})
    for start in range(0, len(ids), _LOOKED_UP):
        yield ids[start : start + _LOOKED_UP]
