"""Attachments that quote erased documents: they leave their messages, and the outbox with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from fengping.delivery import tables
from fengping.delivery.closing import close
from fengping.delivery.message import WHOLE
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.traces import Traces, Unreadable, texts_in
from fengping.state import State


def erase_attachments(erasure: Erasure) -> Erased:
    """Takes attachments that quote them out of all messages; what cannot be searched goes with its message.

    A message that waits is sent without them, unless it is an edition or a report, which goes with all its
    files or not at all.
    """
    later: list[str] = []
    doomed: set[str] = set()
    with State.open(erasure.home).begin() as connection:
        quoting = _quoting(connection, erasure.traces)
        for row in connection.execute(select(tables.messages.c.id, tables.messages.c.record)).fetchall():
            attached = [one["digest"] for one in row.record["attachments"]]
            closed = [digest for digest in attached if quoting.get(digest, False) is None]
            found = {digest for digest in attached if quoting.get(digest)}
            if found or (closed and erasure.traces.within(str(row.record))):
                found |= set(closed)
            elif closed and len(closed) == len(attached):
                later.append(f"The attachments of the message {row.record['subject']!r} cannot be searched.")
            if found:
                doomed |= found
                if row.record["key"].startswith(WHOLE):
                    later += close(connection, [row.id], erasure.now)
                _leave_out(connection, row.id, row.record, found)
        if doomed:
            connection.execute(delete(tables.contents).where(tables.contents.c.digest.in_(doomed)))
    return Erased({"attachments": len(doomed)} if doomed else {}, later=later)


HOLDERS = (Holder(Stage.STATE, erase_attachments, ("delivery_contents",)),)


def _quoting(connection: Connection, traces: Traces) -> dict[str, bool | None]:
    """True for each content that quotes, by its digest; ``None`` for one that cannot be searched."""
    found: dict[str, bool | None] = {}
    for digest in connection.scalars(select(tables.contents.c.digest)).all():
        content = connection.scalar(
            select(tables.contents.c.content).where(tables.contents.c.digest == digest)
        )
        try:
            found[digest] = any(traces.within(text) for text in texts_in(content or b"", digest))
        except Unreadable:
            found[digest] = None
    return found


def _leave_out(connection: Connection, message: str, record: Mapping[str, Any], doomed: set[str]) -> None:
    rest = [one for one in record["attachments"] if one["digest"] not in doomed]
    changed = update(tables.messages).where(tables.messages.c.id == message)
    connection.execute(changed.values(record={**record, "attachments": rest}))
