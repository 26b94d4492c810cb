"""Forgotten documents among the URLs seen, also where these are kept in a Redis, which may be lost."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, DateTime, LargeBinary, bindparam, text

_AS_TEXT = {"sqlite": "lower(hex(id))", "postgresql": "encode(id, 'hex')"}


def up(connection: Connection) -> None:
    """Takes the ids from what imports may not bring back, which holds all that was ever forgotten."""
    taken = text(
        "INSERT INTO seen_urls"
        " (key, source, url, status, first_at, checked_at, content, etag, last_modified, visits)"
        f" SELECT {_AS_TEXT[connection.dialect.name]}, '', '', 'forgotten', :now, :now, '', '', '', 0"
        " FROM imported WHERE fingerprint = :nothing"
        " ON CONFLICT (key) DO UPDATE SET status = 'forgotten', url = '', next_visit = NULL"
    ).bindparams(bindparam("now", type_=DateTime), bindparam("nothing", type_=LargeBinary))
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute(taken, {"now": now, "nothing": bytes(8)})
