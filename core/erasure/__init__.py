"""Erasure of documents for good: the protocol by which each room registers what it holds about them.

A room's module ``erase`` lists its :class:`Holder` values; :mod:`fengping.services.erase` walks those of all
rooms in the order of their stages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Select, func, select

from fengping.erasure.traces import Traces
from fengping.home import Home
from fengping.models import RawDocument
from fengping.state import BY_LOCK, State, Tenure

T = TypeVar("T", str, bytes, int)


class Stage(IntEnum):
    """Order of an erasure. The journal is last, so that a second call finishes what was interrupted."""

    STORES = 1
    STATE = 2
    FILES = 3
    JOURNAL = 4


@dataclass(frozen=True)
class Erasure:
    """Documents to be erased. Indexer and imports stand still meanwhile."""

    home: Home
    documents: Sequence[RawDocument]
    """Every version."""
    traces: Traces
    names: Callable[[str, datetime | None], bool]
    """True if a line that is no document, of that time, mentions a document to erase."""
    now: datetime
    keep_printed: bool = False
    """True to name reports and recorded cases that quote it instead of deleting them."""
    right: Tenure = BY_LOCK
    """The right to write the index, under which it is done."""

    @property
    def ids(self) -> Collection[str]:
        return self.traces.ids

    def state(self) -> State:
        """The state database, which takes nothing more once another process has the right."""
        return self.right.state(State.open(self.home))


@dataclass(frozen=True)
class Erased:
    """Counts of what one holder removed, and the files a person must still look at."""

    counts: Mapping[str, int] = field(default_factory=dict)
    """By the names that are shown."""
    files: Sequence[Path] = ()
    """Deleted."""
    mentioned: Sequence[Path] = ()
    """Files that still hold it, or cannot be searched."""
    later: Sequence[str] = ()
    """Sentences on the work left undone."""


@dataclass(frozen=True)
class Holder:
    """A place that holds something about documents."""

    stage: Stage
    erase: Callable[[Erasure], Erased]
    """Removes it. Called a second time it finds nothing and fails in nothing."""
    tables: Sequence[str] = ()
    """Tables of the state whose rows it removes itself; every other text in the state is searched."""


def in_parts(values: Collection[T], size: int = 500) -> Iterator[list[T]]:
    """*values* in order, so many at once as one query takes."""
    listed = sorted(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def rows_of(
    connection: Connection, asked: Select[Any], column: Column[str], ids: Collection[str]
) -> Iterator[Any]:
    """Rows of *asked* whose *column* holds one of *ids*. A table with fewer rows than these is read whole: to
    put thousands of ids into statements takes longer."""
    some = select(column).limit(len(ids) + 1).subquery()
    if (connection.scalar(select(func.count()).select_from(some)) or 0) <= len(ids):
        wanted = {*ids}
        yield from (row for row in connection.execute(asked) if row._mapping[column] in wanted)
        return
    for part in in_parts(ids):
        yield from connection.execute(asked.where(column.in_(part)))
