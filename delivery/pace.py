"""The pace of a robot: tokens, rests after a failure, and the back-off of a message.

A robot's 18 tokens each come back a minute after they were taken, so that no 60 seconds ever see more.
A rest that the other side did not ask for ends for critical messages after :data:`PROBE`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import JSON, Column, Integer, String, Table, insert, select, update

from fengping.errors import Clash
from fengping.state import Moment, State, metadata

FIRST, LONGEST = 15.0, 3600.0  # seconds of the first and of the longest back-off
JITTER = 0.25
PROBE = timedelta(minutes=1)
"""Time after a failure from which on a critical message tries a robot that rests."""
LONGEST_REST = timedelta(seconds=LONGEST * (1 + JITTER))
"""Time that a letter or a robot waits at most; one that is to wait longer was put off by a wrong clock."""

robots = Table(
    "delivery_robots",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("taken", JSON, nullable=False),
    Column("rest_until", Moment),
    Column("probe_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
"""One row a robot; a change succeeds only on the version it was read at."""


def back_off(seed: str, attempt: int) -> timedelta:
    """The wait after the *attempt*-th failure: doubling to an hour, ± a quarter drawn from *seed*."""
    draw = hashlib.sha256(f"{seed}\n{attempt}".encode()).digest()
    jitter = 1 - JITTER + 2 * JITTER * int.from_bytes(draw[:8]) / 2**64
    return timedelta(seconds=min(FIRST * 2 ** (min(attempt, 30) - 1), LONGEST) * jitter)


def take(taken: Sequence[float], now: float, per_minute: int) -> list[float] | None:
    """The moments of the tokens taken in the minute before *now*, with one more; ``None`` if none is left."""
    held = [moment for moment in taken if now - 60 < moment < now + 60]  # none of a clock far ahead
    return [*held, now] if len(held) < per_minute else None


@dataclass(frozen=True, slots=True)
class _Robot:
    taken: tuple[float, ...] = ()
    rest_until: datetime | None = None
    probe_at: datetime | None = None
    failures: int = 0
    version: int = 0

    def rests(self, now: datetime, *, critical: bool = False) -> bool:
        end = self.probe_at if critical and self.probe_at else self.rest_until
        return end is not None and now < end <= now + LONGEST_REST


class Pace:
    """One robot's pace, kept in the state, so that all processes of a home share it."""

    def __init__(self, state: State, robot: str, per_minute: int) -> None:
        self._state, self._robot, self._per_minute = state, robot, per_minute

    def permit(self, now: datetime, *, critical: bool = False) -> bool:
        """Takes a token for a message at *now*; false while the robot rests or has none left."""
        while True:
            robot = self._read()
            if robot.rests(now, critical=critical):
                return False
            if not self._per_minute:
                return True
            taken = take(robot.taken, now.timestamp(), self._per_minute)
            if taken is None:
                return False
            if self._write(replace(robot, taken=tuple(taken))):
                return True

    def rests(self, now: datetime) -> bool:
        """True while it rests after a failure."""
        return self._read().rests(now)

    def fails(self) -> int:
        """Failures in a row."""
        return self._read().failures

    def failed(self, now: datetime, wait: float) -> None:
        """Lets the robot rest for *wait* seconds, longer the oftener it failed in a row.

        A critical message that tried it during its rest leaves the others the moment at which they may, or
        puts it off to that of its own next try.
        """
        asked = timedelta(seconds=wait)
        while True:
            robot = self._read()
            pause = back_off(self._robot, robot.failures + 1)
            probe_at = now + max(asked, min(pause, PROBE))
            end, failures = now + max(asked, pause), robot.failures + 1
            if robot.rest_until and robot.rests(now):
                end, failures = max(probe_at, robot.rest_until), robot.failures
            end = min(end, now + LONGEST_REST)
            probe_at = min(end, probe_at)
            if self._write(replace(robot, rest_until=end, probe_at=probe_at, failures=failures)):
                return

    def worked(self) -> None:
        """Ends the rest; the next failure is the first again."""
        while (robot := self._read()).failures:
            self._write(replace(robot, rest_until=None, probe_at=None, failures=0))

    def _read(self) -> _Robot:
        with self._state.begin() as connection:
            row = connection.execute(select(robots).where(robots.c.id == self._robot)).one_or_none()
        if row is None:
            return _Robot()
        return _Robot(tuple(row.taken), row.rest_until, row.probe_at, row.failures, row.version)

    def _write(self, robot: _Robot) -> bool:
        """Writes *robot* in the place of the version that was read; false where another process has."""
        values = asdict(robot) | {"version": robot.version + 1}
        with self._state.begin() as connection:
            changed = connection.execute(
                update(robots)
                .where(robots.c.id == self._robot, robots.c.version == robot.version)
                .values(values)
            ).rowcount
        if changed or robot.version:
            return bool(changed)
        try:
            with self._state.begin() as connection:
                connection.execute(insert(robots).values(id=self._robot, **values))
        except Clash:  # another process made the row at this moment
            return False
        return True
