"""Documents judged otherwise where they stand: by a correction, a newer judge, a later visit.

Their ``indexed_at`` stays, so that old news does not alarm anew; whoever has drawn conclusions from the
judgement before (events) asks here.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from fengping.erasure import in_parts
from fengping.models import FIELDS, Document, Judgement
from fengping.state import State, metadata

judged_anew = Table(
    "judged_anew",
    metadata,
    Column("document_id", String(32), primary_key=True),
    Column("note", String(16), nullable=False),
)
"""``note``: a name of the latest note, so that one that is done with takes no later one away."""

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


@contextmanager
def noting(state: State, ids: Collection[str]) -> Iterator[None]:
    """Notes *ids* before what is written inside, lest a kill leave it unnoted, and after it, for who looked
    meanwhile may have found what was there before."""
    _note_at_once(state, ids)
    yield
    _note_at_once(state, ids)


def _note_at_once(state: State, ids: Collection[str]) -> None:
    if ids:
        with state.begin() as connection:
            note(connection, ids)


def note(connection: Connection, ids: Iterable[str]) -> None:
    """Notes that the judgement of *ids* is another one."""
    name = secrets.token_hex(8)
    for part in in_parts(set(ids)):
        forget(connection, part)
        connection.execute(insert(judged_anew), [{"document_id": id, "note": name} for id in part])


def waiting(connection: Connection) -> dict[str, str]:
    """Those noted and not done, each with its note."""
    table = judged_anew.c
    rows = connection.execute(select(table.document_id, table.note).order_by(table.document_id))
    return {row.document_id: row.note for row in rows}


def done(connection: Connection, notes: Mapping[str, str]) -> None:
    """Takes *notes* off the list as they were read; a document that was noted again since stays on it."""
    table = judged_anew.c
    for part in in_parts(notes):
        read = table.note.in_({notes[id] for id in part})
        connection.execute(delete(judged_anew).where(table.document_id.in_(part), read))


def forget(connection: Connection, ids: Collection[str]) -> None:
    """Takes *ids* off the list, whatever is noted of them."""
    for part in in_parts(ids):
        connection.execute(delete(judged_anew).where(judged_anew.c.document_id.in_(part)))
