"""Times given to documents as they come into the index, for whoever asks for those that came since.

``indexed_at`` is the clock of the machine that indexed, and clocks go back: an hour by hand, or because
another machine leads now. So the earliest time given since a reader last looked is kept, and that of the
latest run, which may be at work still; no document that came since bears an earlier one. A run gives all
its documents one time: a reader who came beside it may meet other versions under the same. Where all come
again, of a store that was emptied or an index built anew, times tell nothing: that is noted by itself. What
the store lacks is not gone until a run has come to the journal's end.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection

from fengping.clock import parse_moment
from fengping.state import read_meta, write_meta

_EARLIEST, _LATEST_RUN = "indexed since events read", "last run of the indexer"
_OVER, _WHOLE = "last run of the indexer that ended", "run of the indexer that events have whole"
_ALL, _ALL_SEEN = "all indexed anew", "all indexed anew that events saw"
_REFILL, _GOES_ON = "refill of an emptied store", "goes on"
_HELD = "the store held something"
"""Keys in the state database."""


def note(connection: Connection, stamp: datetime) -> None:
    """Notes, before it puts a document, that a run gives *stamp* or later times."""
    earliest = _read(connection, _EARLIEST)
    if read_meta(connection, _LATEST_RUN) is None and read_meta(connection, _HELD) is None:
        write_meta(connection, _HELD, "")
    write_meta(connection, _EARLIEST, min(stamp, earliest or stamp).isoformat())
    write_meta(connection, _LATEST_RUN, stamp.isoformat())
    write_meta(connection, _OVER, "")
    whole = _read(connection, _WHOLE)
    if whole and stamp <= whole:
        write_meta(connection, _WHOLE, "")


def over(connection: Connection, *, empty: bool) -> None:
    """Notes that the store holds what the journal does, or is *empty* as that is: the latest run has put its
    last document."""
    if latest := read_meta(connection, _LATEST_RUN):
        write_meta(connection, _OVER, latest)
    if refills(connection):
        write_meta(connection, _REFILL, secrets.token_hex(8))
    (note_taken_out if empty else note_held)(connection)


def complete(connection: Connection) -> bool:
    """False from when a run begins, or meets an emptied store, until one comes to the journal's end."""
    return read_meta(connection, _OVER) == read_meta(connection, _LATEST_RUN)


def ended(connection: Connection) -> datetime | None:
    """The time that the latest run gave, if that is over."""
    return _read(connection, _LATEST_RUN) if complete(connection) else None


def read_whole(connection: Connection, run: datetime | None) -> None:
    """Notes that all was read that the latest run had put, if that is *run*, which was over before."""
    known = run is not None and run == ended(connection)
    write_meta(connection, _WHOLE, run.isoformat() if run and known else "")


def whole(connection: Connection) -> datetime | None:
    """A time up to which every document there is was there when the reader last looked, by its own."""
    return _read(connection, _WHOLE)


def look(connection: Connection, since: datetime | None) -> datetime | None:
    """A moment such that every document that came since the last look bears it or a later one, where *since*
    is the latest that was read then, ``None`` where all are read; the look after this one asks for what comes
    from now on."""
    earliest, latest = _read(connection, _EARLIEST), _read(connection, _LATEST_RUN)
    if earliest is None or latest is None:
        return since
    write_meta(connection, _EARLIEST, latest.isoformat())
    # Stores keep times by the second.
    return since and min(since, earliest).replace(microsecond=0)


def note_all(connection: Connection) -> None:
    """Notes that every document comes again, or has come."""
    write_meta(connection, _ALL, secrets.token_hex(16))


def note_held(connection: Connection) -> None:
    """Notes that the store holds documents, which come again should it be emptied."""
    if read_meta(connection, _HELD) != "1":
        write_meta(connection, _HELD, "1")


def note_taken_out(connection: Connection) -> None:
    """Notes, before that is done, that all is undone or forgotten: none of it comes again."""
    write_meta(connection, _HELD, "")


def note_emptied(connection: Connection) -> None:
    """Notes that the store is empty: every document is to come again, or for the first time."""
    note_all(connection)
    write_meta(connection, _OVER, "")
    if _held(connection):
        write_meta(connection, _REFILL, _GOES_ON)


def _held(connection: Connection) -> bool:
    """True if the store held something that is to be there."""
    held = read_meta(connection, _HELD)
    # Where an earlier version ran, nothing is noted of what it put.
    return bool(held or (held is None and read_meta(connection, _LATEST_RUN)))


def refills(connection: Connection) -> bool:
    """True while a store that was emptied is filled again, until all is there that was."""
    return read_meta(connection, _REFILL) == _GOES_ON


def lacks(connection: Connection, *, empty: bool) -> bool:
    """True while the store lacks what it held before it was emptied; *empty*: it holds nothing now."""
    return refills(connection) or (empty and _held(connection))


def refill(connection: Connection) -> str:
    """A mark of the last time that an emptied store was filled again, empty where none was. While that goes
    on it is another each time: no two counts of what is there can be compared."""
    return secrets.token_hex(8) if refills(connection) else read_meta(connection, _REFILL) or ""


def all_wait(connection: Connection) -> bool:
    """True if that was noted since the last look for it: the reader is to read every document anew."""
    return read_meta(connection, _ALL) not in (None, read_meta(connection, _ALL_SEEN))


def look_for_all(connection: Connection) -> bool:
    """The same, and has it looked for."""
    if wait := all_wait(connection):
        write_meta(connection, _ALL_SEEN, read_meta(connection, _ALL) or "")
    return wait


def _read(connection: Connection, key: str) -> datetime | None:
    text = read_meta(connection, key)
    return parse_moment(text) if text else None
