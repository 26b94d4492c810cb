"""Documents whose judgement changed where they stand: by a correction, or by a newer judge.

Their ``indexed_at`` stays, so that old news does not alarm anew; whoever has drawn conclusions from the
judgement before (events) asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Column, Connection, String, Table, delete, insert, select

from fengping.erasure import in_parts
from fengping.state import metadata

judged_anew = Table("judged_anew", metadata, Column("document_id", String(32), primary_key=True))


def note(connection: Connection, ids: Iterable[str]) -> None:
    """Notes that the judgement of *ids* is another one."""
    for part in in_parts(set(ids)):
        done(connection, part)
        connection.execute(insert(judged_anew), [{"document_id": id} for id in part])


def waiting(connection: Connection) -> list[str]:
    """Those noted and not done."""
    return list(connection.scalars(select(judged_anew.c.document_id).order_by(judged_anew.c.document_id)))


def done(connection: Connection, ids: Collection[str]) -> None:
    """Takes *ids* off the list."""
    for part in in_parts(ids):
        connection.execute(delete(judged_anew).where(judged_anew.c.document_id.in_(part)))
