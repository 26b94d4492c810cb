"""Long iterables in pieces, for statements and stores that take so many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Column, Connection, delete

T = TypeVar("T")

IN = 500
"""Values in one list of a statement."""


def delete_those(connection: Connection, column: Column[str], values: Iterable[str]) -> None:
    """Deletes the rows of *column*'s table that have one of *values* in it."""
    for chunk in batched(values, IN):
        connection.execute(delete(column.table).where(column.in_(chunk)))


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of *size* items, the last one shorter."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
