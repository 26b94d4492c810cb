"""Time between the death of a lease's holder and the first sign of another, by the database's clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import select

from fengping.errors import FengpingError
from fengping.home import Home
from fengping.scheduler import lease as schedule
from fengping.state import State
from fengping.state.lease import LEASE_MS, NOW, leases

INDEX = "index"
SCHEDULE = "schedule"
TERM_MS = {INDEX: LEASE_MS, SCHEDULE: round(schedule.LEASE * 1000)}
"""The time that a lease of either kind outlives its holder."""
LONGEST_MS = 30_000
"""The time that a takeover may take."""
_EVERY = 0.2


@dataclass(frozen=True)
class Takeover:
    """One change of hands after a death."""

    right: str
    ms: int

    @property
    def terms(self) -> float:
        """The same in terms of the lease: it runs out within the first, and is taken within the second."""
        return self.ms / TERM_MS[self.right]


class Leases:
    """Both leases of a deployment, looked at five times a second."""

    def __init__(self, home: Home) -> None:
        self._state = State.open(home)
        self._dead: dict[str, tuple[str, int]] = {}
        self.found: list[Takeover] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within, takeovers are noted."""
        over = threading.Event()

        def look() -> None:
            while not over.wait(_EVERY):
                with suppress(FengpingError):  # the database is away
                    self._look()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def holder(self, right: str) -> str:
        """Its holder now; empty where nobody holds it, or the database is away."""
        with suppress(FengpingError):
            return self._holders()[0].get(right, "")
        return ""

    def died(self, right: str, holder: str) -> None:
        """Waits for another than *holder*, which has just been killed."""
        with suppress(FengpingError):
            holders, now = self._holders()
            if holders.get(right) == holder:  # else it had given the lease back
                self._dead[right] = holder, now

    @property
    def waiting(self) -> bool:
        """True where a lease is a dead one's."""
        return bool(self._dead)

    def _look(self) -> None:
        holders, now = self._holders()
        for right, (dead, died) in list(self._dead.items()):
            if holders.get(right, dead) != dead:
                self.found.append(Takeover(right, now - died))
                del self._dead[right]

    def _holders(self) -> tuple[dict[str, str], int]:
        with self._state.begin() as connection:
            index = select(leases.c.holder).where(leases.c.name == INDEX, leases.c.until > NOW)
            found = {
                INDEX: connection.scalar(index),
                SCHEDULE: connection.scalar(select(schedule.lease.c.holder)),
            }
            now = int(connection.scalar(select(NOW)) or 0)
        return {right: holder for right, holder in found.items() if holder}, now
