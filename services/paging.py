"""Pages through any number of documents, newest first; what is indexed meanwhile moves no cursor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.models import Document
from fengping.services.search import Asked, build_filter
from fengping.services.stores import the_store

_CURSOR = re.compile(r"(?:t([0-9]{1,10})|u)\.([0-9]{1,5})", re.ASCII)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Page:
    """Some documents, and where the following ones begin."""

    where: Filter
    documents: Sequence[Document]
    next: str | None
    """``None`` at the end."""


@dataclass(frozen=True, slots=True)
class _Place:
    """*after* documents published in *second*, or undated ones; those before it were given already."""

    second: datetime | None
    after: int

    def __str__(self) -> str:
        return f"u.{self.after}" if self.second is None else f"t{int(self.second.timestamp())}.{self.after}"


def page(home: Home, asked: Asked, *, cursor: str = "", limit: int = 100, store: Store | None = None) -> Page:
    """The *limit* documents that follow *cursor*, undated ones last. Each is given once.

    Raises :class:`UsageError` for a cursor that was not given out.
    """
    with the_store(home, store) as opened:
        where = build_filter(home, opened, asked)
        windowed = bool(where.since or where.until)
        if not cursor:
            return _dated(opened, where, where, 0, limit, windowed)
        match = _CURSOR.fullmatch(cursor)
        if match is None or (windowed and match[1] is None):  # undated ones are in no window
            raise UsageError("The cursor is not one that was given out.", remedy="Begin without one.")
        after = int(match[2])
        if match[1] is None:
            return _undated(opened, where, after, limit)
        end = datetime.fromtimestamp(int(match[1]), UTC) + _SECOND
        until = end if where.until is None else min(end, where.until)
        if where.since is not None and until <= where.since:
            return Page(where, (), None)
        return _dated(opened, where, replace(where, until=until), after, limit, windowed)


def _dated(store: Store, where: Filter, part: Filter, after: int, limit: int, windowed: bool) -> Page:
    documents = store.search(part, limit=limit + 1, offset=after).documents
    # Without a window the undated come in the same order, behind all others.
    dated = [one for one in documents if one.raw.published_at is not None]
    if len(dated) > limit:
        return Page(where, dated[:limit], str(_following(dated[:limit], part, after)))
    if windowed:
        return Page(where, dated, None)
    rest = _undated(store, where, 0, limit - len(dated))
    return Page(where, [*dated, *rest.documents], rest.next)


def _undated(store: Store, where: Filter, after: int, limit: int) -> Page:
    found = store.search(replace(where, undated=True), limit=limit + 1, offset=after).documents
    following = str(_Place(None, after + limit)) if len(found) > limit else None
    return Page(where, found[:limit], following)


def _following(given: Sequence[Document], part: Filter, after: int) -> _Place:
    """The place behind the last of *given*: how many of its second came before."""
    moments = [one.raw.published_at for one in given]
    last = moments[-1]
    assert last is not None
    second = last.replace(microsecond=0)
    same = sum(moment is not None and moment.replace(microsecond=0) == second for moment in moments)
    begun_earlier = same == len(given) and part.until is not None and part.until <= second + _SECOND
    return _Place(second, same + (after if begun_earlier else 0))
