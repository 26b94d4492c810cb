"""Troubles of one machine alone: it writes them down, and the one that runs the schedule tells them."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Boolean, Column, String, Table, Text, delete, insert, select

from fengping.home import Home
from fengping.scheduler.checks import LOCAL
from fengping.scheduler.troubles import Look, Trouble, found, register
from fengping.services.sharing import is_shared
from fengping.state import Moment, State, metadata

LIVES = timedelta(minutes=15)
"""Time after which a machine that writes nothing any more has no troubles of its own: that it does no work is
another one."""

written = Table(
    "machine_troubles",
    metadata,
    Column("machine", String(255), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("grave", Boolean, nullable=False),
    Column("sentence", Text, nullable=False),
)


def note(home: Home, now: datetime) -> None:
    """Writes down the troubles of this machine in place of those of its last round; nothing where no other
    would read them."""
    if not is_shared(home):
        return
    state, here = State.open(home), platform.node()
    seen = found(Look(home, state, now), LOCAL)
    rows = [
        {"machine": here, "key": one.key[:128], "at": now, "grave": one.grave, "sentence": one.sentence}
        for one in {one.key[:128]: one for one in seen}.values()
    ]
    with state.begin() as connection:
        connection.execute(delete(written).where((written.c.machine == here) | (written.c.at < now - LIVES)))
        if rows:
            connection.execute(insert(written), rows)


@register
def _of_others(look: Look) -> Iterator[Trouble]:
    query = select(written).where(written.c.machine != platform.node()).order_by(written.c.machine)
    with look.state.begin() as connection:
        rows = connection.execute(query.where(written.c.at > look.now - LIVES)).all()
    for row in rows:
        yield Trouble(f"{row.machine} {row.key}", f"On {row.machine}: {row.sentence}", row.grave)
