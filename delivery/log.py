"""Sizes of the outbox and its log, for lists that show a part of them."""

from __future__ import annotations

from sqlalchemy import func, select

from fengping.delivery import tables
from fengping.delivery.message import Message
from fengping.state import State


def number_of_attempts(state: State) -> int:
    """Lines of the log."""
    with state.begin() as connection:
        return connection.scalar(select(func.count()).select_from(tables.attempts)) or 0


class Unaccepted:
    """Letters of each message that no channel has accepted (yet)."""

    def __init__(self, state: State) -> None:
        box = tables.outbox
        query = select(box.c.message, func.count()).where(box.c.status != "accepted").group_by(box.c.message)
        with state.begin() as connection:
            self._counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}

    def of(self, key: str) -> int:
        """Those of the message of *key*."""
        return self._counts.get(Message(key, "-").id, 0)
