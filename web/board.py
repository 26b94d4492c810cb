"""Work of all consoles of a deployment, in the state database: each of them tells how far any of it is."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Row, String, Table, Text, delete, insert, select, update

from fengping.errors import Failed, FengpingError
from fengping.home import Home
from fengping.state import Moment, State, metadata
from fengping.state.lease import LEASE_MS, NOW
from fengping.web.working import Done, Work, busy

BEAT = 1.0
"""Seconds between two notes on how far work is."""
KEPT = timedelta(days=1)

works = Table(
    "console_works",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("title", Text, nullable=False),
    Column("here", String(255), nullable=False),
    Column("begun", Moment, nullable=False),
    Column("record", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""``until``: milliseconds by the database's clock; a console that has not renewed it by then is dead."""

_LIVES = (works.c.until > NOW).label("lives")


class Board:
    """The board of one deployment."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def enter(self, work: Work) -> None:
        """Enters work that begins; raises :class:`HomeBusy` while a console does work of the same title."""
        with State.open(self._home).exclusive() as connection:
            old = works.c.begun < work.begun - KEPT
            connection.execute(delete(works).where(old, works.c.until <= NOW))
            twin = select(works.c.id).where(works.c.title == work.title, ~works.c.ended, works.c.until > NOW)
            if connection.scalar(twin) is not None:
                raise busy(work.title)
            connection.execute(insert(works).values(id=work.id, **_values(work)))

    def follow(self, work: Work) -> None:
        """Notes how far *work* is until it has ended; a database that is away is waited for."""
        while True:
            ended = work.ended
            if self.note(work) and ended:
                return
            time.sleep(BEAT)

    def note(self, work: Work) -> bool:
        """Notes how far *work* is; False where the database is away."""
        with suppress(FengpingError):
            with State.open(self._home).begin() as connection:
                connection.execute(update(works).where(works.c.id == work.id).values(_values(work)))
            return True
        return False

    def find(self, id: str) -> Work | None:
        """The work of that id, of whatever console."""
        with State.open(self._home).begin() as connection:
            row = connection.execute(select(works, _LIVES).where(works.c.id == id)).one_or_none()
        return _work(row) if row else None

    def at(self, here: str) -> list[Work]:
        """Work of a part of the console that is not done, or that ended with a fault."""
        with State.open(self._home).begin() as connection:
            rows = connection.execute(select(works, _LIVES).where(works.c.here == here)).fetchall()
        return [work for work in map(_work, rows) if not work.made]


def _values(work: Work) -> dict[str, Any]:
    record: dict[str, Any] = {"steps": work.steps, "done": work.done, "total": work.total}
    if made := work.made:
        record["made"] = [made.link, made.said]
    if fault := work.fault:
        record["fault"] = [fault.message, fault.remedy] if isinstance(fault, FengpingError) else [fault, ""]
    return {
        "title": work.title, "here": work.here, "begun": work.begun, "ended": work.ended,
        "record": json.dumps(record, ensure_ascii=False), "until": NOW + LEASE_MS,
    }  # fmt: skip


def _work(row: Row[Any]) -> Work:
    kept = json.loads(row.record)
    work = Work(row.id, row.title, row.begun, row.here, kept["steps"], kept["done"], kept["total"])
    if "made" in kept:
        work.made = Done(*kept["made"])
    elif "fault" in kept:
        message, remedy = kept["fault"]
        work.fault = Failed(message, remedy=remedy)
    elif not row.lives:
        work.fault = Failed(
            "The server that did this has ended before it was done; what it had finished stays.",
            remedy="Begin it again.",
        )
    return work
