"""The change log: a row for each change of a stored document, and how far each consumer has read.

Documents are in a store and the log is in the state database, so no transaction covers both. Whoever changes
a document adds a *pending* row first and finishes it once the store shows the change. A finished row moves to
the end of the log, where consumers find it. What a killed process left pending, the next run of the indexer
finishes, or does again.

A consumer gets each row at least once, in order, and must bear to get one twice. A new one begins with a
snapshot of the store. A document that is stored for the first time has no row of its own: a run of the
indexer has one (:mod:`fengping.indexer.arrivals`), with the time by which the store finds its documents.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    Table,
    delete,
    false,
    func,
    insert,
    select,
    text,
)

from fengping.erasure import in_parts
from fengping.models import FIELDS, Document, Judgement
from fengping.state import State, metadata, upsert


class What(StrEnum):
    """What changed."""

    RUN = "run"
    """A run of the indexer put documents; ``source`` is the earliest ``indexed_at`` it gave."""
    ALL = "all"
    """Every document comes again, or has come."""
    JUDGED = "judged"
    """The judgement says something else, or the time of publication is another."""
    CORRECTED = "corrected"
    UNDONE = "undone"
    """A correction was taken back."""
    TAGS = "tags"
    BY_HAND = "by hand"
    """Events were merged, split or rid of documents."""


changes = Table(
    "changes",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("document", String(32), nullable=False),
    Column("what", String(16), nullable=False),
    Column("source", String(32), nullable=False),
    Column("pending", Boolean, nullable=False, index=True),
    sqlite_autoincrement=True,  # else numbers of rows that were dropped at the end are given again
)
"""``document`` is empty where the change is of more than one."""

offsets = Table(
    "change_offsets",
    metadata,
    Column("consumer", String(32), primary_key=True),
    Column("sequence", BigInteger),
    Column("reading", Boolean, nullable=False),
)
"""``sequence``: the last row that a consumer is done with, NULL until it has read its snapshot. ``reading``:
it has begun to read on, and not ended."""

_ADDING = 7_265_114_004
"""Key of PostgreSQL's advisory lock that transactions share which add rows."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the log."""

    sequence: int
    document: str
    what: str
    source: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a consumer is to take in now."""

    changes: Sequence[Change]
    until: int
    """The offset of who has taken these in."""
    snapshot: bool
    """True where all that the store holds is to be read first."""
    died: bool
    """True where the reading before this one did not come to its end."""

    def of(self, *what: What) -> list[Change]:
        """The changes of these kinds."""
        return [one for one in self.changes if one.what in what]


def add(
    connection: Connection, what: What, documents: Iterable[str] = ("",), source: str = "", *,
    pending: bool = False,
) -> None:  # fmt: skip
    """Adds a row for each of *documents*."""
    rows = [{"document": id, "what": what, "source": source, "pending": pending} for id in documents]
    if rows:
        _share(connection)
        connection.execute(insert(changes), rows)


def finish(connection: Connection, found: Iterable[Change]) -> None:
    """Moves pending rows to the end: the store shows these changes."""
    for part in in_parts([one.sequence for one in found]):
        _share(connection)
        here = changes.c.sequence.in_(part), changes.c.pending
        names = ("document", "what", "source")
        columns = [changes.c[name] for name in names]
        done = select(*columns, false()).where(*here).order_by(changes.c.sequence)
        connection.execute(insert(changes).from_select([*names, "pending"], done))
        connection.execute(delete(changes).where(*here))


@contextmanager
def changing(state: State, what: What, ids: Collection[str]) -> Iterator[None]:
    """Has rows of *ids* pending while their documents are written inside. They stay so where that fails."""
    if not ids:
        yield
        return
    name = secrets.token_hex(8)
    with state.begin() as connection:
        add(connection, what, ids, name, pending=True)
    yield
    with state.begin() as connection:
        finish(connection, [one for one in waiting(connection, what) if one.source == name])


def waiting(connection: Connection, *what: What) -> list[Change]:
    """Pending rows of these kinds, in order."""
    return _rows(connection, changes.c.pending, changes.c.what.in_(what))


def is_behind(connection: Connection, sequence: int, *what: What) -> bool:
    """True where rows of these kinds stand behind *sequence*."""
    found = select(changes.c.sequence).where(changes.c.sequence > sequence, changes.c.what.in_(what))
    return connection.scalar(found.limit(1)) is not None


def forget(connection: Connection, ids: Collection[str]) -> None:
    """Takes rows of documents out of the log."""
    for part in in_parts(ids):
        connection.execute(delete(changes).where(changes.c.document.in_(part)))


def unread(connection: Connection, consumer: str) -> list[Change] | None:
    """Changes that a consumer has not passed; ``None`` where it begins with a snapshot, or ended amid one
    reading."""
    offset = _offset(connection, consumer)
    if offset is None or offset.sequence is None or offset.reading:
        return None
    return _rows(connection, changes.c.sequence > offset.sequence, ~changes.c.pending)


def begins(connection: Connection, consumer: str) -> bool:
    """True for a consumer that begins with a snapshot."""
    offset = _offset(connection, consumer)
    return offset is None or offset.sequence is None


def read(state: State, consumer: str) -> Reading:
    """What *consumer* has to take in, up to the first number that may yet be given to a row: PostgreSQL gives
    numbers out when rows are added, not when they are committed. One consumer reads at a time."""
    with state.begin() as connection:
        offset = _offset(connection, consumer)
        start = (offset.sequence if offset else None) or 0
        rows = _rows(connection, changes.c.sequence > start)
        found = [one for number, one in enumerate(rows, start + 1) if one.sequence == number]
        if len(found) < len(rows) and _nobody_adds(connection):
            found = _rows(connection, changes.c.sequence > start)
        upsert(connection, offsets, {"consumer": consumer}, {"reading": True})
    return Reading(
        [one for one in found if not one.pending],
        found[-1].sequence if found else start,
        snapshot=offset is None or offset.sequence is None,
        died=offset is not None and offset.reading,
    )


def begin_anew(connection: Connection, consumer: str) -> None:
    """Has a consumer that reads begin with a snapshot."""
    upsert(connection, offsets, {"consumer": consumer}, {"sequence": None, "reading": True})


def passed(connection: Connection, consumer: str, until: int) -> None:
    """Notes that a consumer is done with all rows up to *until*."""
    upsert(connection, offsets, {"consumer": consumer}, {"sequence": until, "reading": False})


def behind(connection: Connection, what: What) -> dict[str, str]:
    """The least ``source`` of a kind that each consumer has not passed."""
    further = changes.c.sequence > func.coalesce(offsets.c.sequence, 0)
    asked = select(offsets.c.consumer, func.min(changes.c.source)).join(changes, further)
    asked = asked.where(changes.c.what == what, ~changes.c.pending).group_by(offsets.c.consumer)
    return {row[0]: row[1] for row in connection.execute(asked)}


def leave(connection: Connection, consumer: str) -> None:
    """Keeps no rows for a consumer any more: should it come back, it begins with a snapshot."""
    connection.execute(delete(offsets).where(offsets.c.consumer == consumer))


def compact(connection: Connection) -> None:
    """Drops the rows that all consumers have passed; a new one begins with a snapshot."""
    reached = list(connection.scalars(select(offsets.c.sequence)))
    if None not in reached:
        done = delete(changes).where(~changes.c.pending)
        least = min(filter(lambda one: one is not None, reached), default=None)
        connection.execute(done if least is None else done.where(changes.c.sequence <= least))


_FINE = {"model", "negative", "positive", "evidence"}
"""Fields that say who judged, how surely and by what words, not what."""
_JUDGED = [row for row in FIELDS.values() if row.part == "judgement"]


def differences(document: Document, judgement: Judgement) -> dict[str, object]:
    """Fields of a document's judgement that another *judgement* has otherwise."""
    pairs = ((row.name, getattr(judgement, row.name)) for row in _JUDGED)
    return {name: value for name, value in pairs if value != getattr(document.judgement, name)}


def is_other(changed: Collection[str]) -> bool:
    """True if a judgement of which these fields *changed* says something else."""
    return not _FINE.issuperset(changed)


def _offset(connection: Connection, consumer: str) -> Row[Any, Any] | None:
    asked = select(offsets.c.sequence, offsets.c.reading).where(offsets.c.consumer == consumer)
    return connection.execute(asked).one_or_none()


def _rows(connection: Connection, *where: ColumnElement[bool]) -> list[Change]:
    """Rows in order."""
    rows = connection.execute(select(changes).where(*where).order_by(changes.c.sequence))
    return [Change(*row) for row in rows]


def _share(connection: Connection) -> None:
    """Holds the lock that tells readers of a transaction which adds rows, until it ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _ADDING})


def _nobody_adds(connection: Connection) -> bool:
    """True where no transaction that adds rows is open, nor one begins before this one ends. SQLite has one
    writer, whose rows are there once it has ended."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _ADDING}))
