"""What the runs of the indexer brought, noted in the change log for whoever asks the store for it.

``indexed_at`` is the clock of the machine that indexed, and clocks go back: an hour by hand, or because
another machine leads now. So each run has a row with the time that it gives its documents, pending until the
run has come to the journal's end or another begins. Where all come again, of a store that was emptied or an
index built anew, times tell nothing: that has a row of its own. What the store lacks is not gone until a run
has come to the journal's end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from fengping.clock import parse_moment
from fengping.indexer import changes
from fengping.indexer.changes import Change, What
from fengping.state import read_meta, write_meta

GONE = timedelta(days=90)
"""Time after which the log keeps nothing for a consumer that does not read."""

_HELD = "the store held something"
"""Key in the state database."""
_EMPTIED = "emptied"
"""Source of a row: the store held documents, which come again."""


def note(connection: Connection, stamp: datetime) -> None:
    """Notes, before it puts a document, that a run gives *stamp* or later times."""
    # Of one that was killed, or beside which this one goes on.
    changes.finish(connection, changes.waiting(connection, What.RUN))
    changes.add(connection, What.RUN, source=stamp.astimezone(UTC).isoformat(), pending=True)


def over(connection: Connection, *, empty: bool) -> None:
    """Notes that the store holds what the journal does, or is *empty* as that is: the latest run has put its
    last document."""
    if found := changes.waiting(connection, What.RUN, What.ALL):
        changes.finish(connection, found)
        latest = max(stamps(found), default=None)
        for consumer, at in behind(connection).items():
            if latest and latest - at > GONE:
                changes.leave(connection, consumer)
        changes.compact(connection)
    note_held(connection, holds=not empty)


def behind(connection: Connection) -> dict[str, datetime]:
    """Consumers that have not read what a run put which is over, with the time that run gave; none of a store
    that is empty."""
    found = changes.behind(connection, What.RUN) if _held(connection) else {}
    return {consumer: parse_moment(source) for consumer, source in found.items()}


def complete(connection: Connection, since: int | None = None) -> bool:
    """False from when a run begins, or meets an emptied store, until one comes to the journal's end; also
    where one did behind the row *since*."""
    kinds = (What.RUN, What.ALL)
    came = since is not None and changes.is_behind(connection, since, *kinds)
    return not came and not changes.waiting(connection, *kinds)


def holds_all(connection: Connection, since: int) -> bool:
    """False while a store that was emptied is filled again, or where all came again behind *since*."""
    return not refills(connection) and not changes.is_behind(connection, since, What.ALL)


def stamps(found: Iterable[Change]) -> frozenset[datetime]:
    """The times that documents bear which came by *found*, to the second, as stores keep them."""
    runs = (one for one in found if one.what == What.RUN)
    return frozenset(parse_moment(one.source).replace(microsecond=0) for one in runs)


def refilled(found: Iterable[Change]) -> bool:
    """True where *found* tells that a store which was emptied was filled again."""
    return any(one.what == What.ALL and one.source == _EMPTIED for one in found)


def note_all(connection: Connection, source: str = "") -> None:
    """Notes that every document comes again, until the run that brings them is over."""
    changes.add(connection, What.ALL, source=source, pending=True)


def note_held(connection: Connection, *, holds: bool = True) -> None:
    """Notes that the store holds documents, which come again should it be emptied; or, before that is done,
    that all of them are undone or forgotten, so that none comes again."""
    if _held(connection) != holds:
        write_meta(connection, _HELD, "1" if holds else "")


def note_emptied(connection: Connection) -> None:
    """Notes that the store is empty: what it held is to come again."""
    if _held(connection) and not refills(connection):
        note_all(connection, _EMPTIED)


def refills(connection: Connection) -> bool:
    """True while a store that was emptied is filled again, until all is there that was."""
    return any(one.source == _EMPTIED for one in changes.waiting(connection, What.ALL))


def lacks(connection: Connection, *, empty: bool) -> bool:
    """True while the store lacks what it held before it was emptied; *empty*: it holds nothing now."""
    return refills(connection) or (empty and _held(connection))


def _held(connection: Connection) -> bool:
    """True if the store held something that is to be there."""
    return read_meta(connection, _HELD) == "1"
