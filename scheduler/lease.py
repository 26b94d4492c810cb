"""The lease of a home: of all processes that run its schedule one does, and the others wait for its end.

The holder counts up a number. A process that waits takes over when it has not moved for :data:`LEASE` seconds
on its own clock, so that clocks of two machines need not agree and none has to be right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    null,
    select,
    type_coerce,
    update,
)

from fengping.errors import Clash
from fengping.state import Moment, State, metadata

LEASE = 20.0
BEAT = 4.0

_ROW = 1
_SERVER = type_coerce(func.timezone("utc", func.clock_timestamp()), Moment).label("server")

lease = Table(
    "schedule_lease",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)


@dataclass(frozen=True)
class Held:
    """The lease as it stands."""

    holder: str
    beat: int
    at: datetime
    """The last sign of life, by the database's clock; on SQLite by the holder's."""
    age: timedelta | None = None
    """Time since then by the database's clock; ``None`` on SQLite, where all is one machine's."""


def held(state: State) -> Held | None:
    """The lease as it stands; ``None`` where nobody runs the schedule."""
    shared = state.is_shared
    with state.begin() as connection:
        row = connection.execute(select(lease, _SERVER if shared else null().label("server"))).one_or_none()
    if row is None:
        return None
    return Held(row.holder, row.beat, row.at, row.server - row.at if shared else None)


class Lease:
    """One process's part in it."""

    def __init__(self, state: State, name: str, monotonic: Callable[[], float]) -> None:
        self.name = name
        self._state, self._monotonic = state, monotonic
        self._seen: tuple[str, int] | None = None
        self._since = 0.0

    def take(self, now: datetime, *, later: float = 0.0) -> Held | None:
        """Takes the lease where it is free or its holder is dead, else returns who holds it.

        *later*: seconds for which it is left to others first; nobody holds it then.
        """
        found = held(self._state) or Held("", 0, now)
        seen = found.holder, found.beat
        if seen != self._seen:
            self._seen, self._since = seen, self._monotonic()
        if self._monotonic() - self._since < (LEASE if found.holder else 0.0) + later:
            return found
        if not found.holder:
            return None if self._insert(now) else held(self._state)
        return (
            None
            if self._change(now, lease.c.holder == found.holder, lease.c.beat == found.beat)
            else held(self._state)
        )

    def renew(self, now: datetime) -> bool:
        """Shows a sign of life; false where another process has taken over."""
        return self._change(now, lease.c.holder == self.name)

    def release(self) -> None:
        """Gives the lease back, so that a process that waits begins at once."""
        with self._state.begin() as connection:
            connection.execute(delete(lease).where(lease.c.holder == self.name))

    def _at(self, now: datetime) -> datetime | ColumnElement[datetime]:
        return _SERVER.element if self._state.is_shared else now

    def _insert(self, now: datetime) -> bool:
        try:
            with self._state.begin() as connection:
                connection.execute(insert(lease).values(id=_ROW, holder=self.name, beat=0, at=self._at(now)))
        except Clash:
            return False
        return True

    def _change(self, now: datetime, *where: ColumnElement[bool]) -> bool:
        with self._state.begin() as connection:
            change = update(lease).where(*where)
            done = connection.execute(
                change.values(holder=self.name, beat=lease.c.beat + 1, at=self._at(now))
            )
        return done.rowcount == 1
