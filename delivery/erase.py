"""Messages that quote erased documents: attachments leave them, and what reports said is no longer kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select, update

from fengping.delivery import tables
from fengping.delivery.closing import close, is_open, wordless
from fengping.delivery.message import REPORT, WHOLE
from fengping.delivery.senders.file import NAME
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import change_lines
from fengping.erasure.traces import Traces, Unreadable, texts_in
from fengping.state import State


def erase_attachments(erasure: Erasure) -> Erased:
    """Takes attachments that quote them out of all messages; what cannot be searched goes with its message.

    A message that waits is sent without them, unless it is an edition or a report, which goes with all its
    files or not at all. Of these nothing is kept that they said: it quotes in words of its own. A report that
    waits with nothing but what cannot be searched is not sent.
    """
    later: list[str] = []
    doomed: set[str] = set()
    with State.open(erasure.home).begin() as connection:
        quoting = _quoting(connection, erasure.traces)
        for row in connection.execute(select(tables.messages.c.id, tables.messages.c.record)).fetchall():
            key, attached = row.record["key"], [one["digest"] for one in row.record["attachments"]]
            closed = [digest for digest in attached if quoting.get(digest, False) is None]
            found = {digest for digest in attached if quoting.get(digest)}
            unknown, report = bool(closed) and len(closed) == len(attached), key.startswith(REPORT)
            quotes = found or ((closed or report) and erasure.traces.within(str(row.record)))
            if quotes or (unknown and report and is_open(connection, row.id)):
                found |= set(closed)
                doomed |= found
                _leave_out(connection, row.id, row.record, found)
                if key.startswith(WHOLE):
                    later += close(connection, [row.id], erasure.now)
            elif unknown:
                later.append(f"The attachments of the message {row.record['subject']!r} cannot be searched.")
        if doomed:
            connection.execute(delete(tables.contents).where(tables.contents.c.digest.in_(doomed)))
    return Erased({"attachments": len(doomed)} if doomed else {}, later=later)


def erase_sent(erasure: Erasure) -> Erased:
    """Takes what such messages said out of the file channel of this machine too."""
    file = erasure.home.var / "delivery" / NAME
    if not file.exists():
        return Erased()
    with State.open(erasure.home).begin() as connection:
        records = connection.scalars(select(tables.messages.c.record)).all()
    closed = {one["id"] for one in records if one["key"].startswith(WHOLE) and one == wordless(one)}

    def without(line: bytes) -> bytes:
        with suppress(orjson.JSONDecodeError):  # torn: whoever looks for traces has seen to it
            record = orjson.loads(line)
            return orjson.dumps(wordless(record)) if record.get("id") in closed else line
        return line

    change_lines(file, without)
    return Erased()


HOLDERS = (Holder(Stage.STATE, erase_attachments, ("delivery_contents",)),)
SENT = (Holder(Stage.FILES, erase_sent),)
"""Behind reports, whose signed editions close their letters."""


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
