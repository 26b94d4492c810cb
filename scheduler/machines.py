"""Troubles of one machine alone: it writes them down, and the one that runs the schedule tells them."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import (
    Boolean,
    Column,
    Interval,
    String,
    Table,
    Text,
    delete,
    func,
    literal,
    select,
    type_coerce,
)

from fengping.home import Home
from fengping.scheduler.checks import LOCAL
from fengping.scheduler.troubles import Look, Trouble, found, register
from fengping.services.sharing import is_shared
from fengping.state import Moment, State, metadata, upsert

LIVES = timedelta(minutes=15)
"""Time after which a machine that writes nothing any more has no troubles of its own: that it does no work is
another one."""
_NOW = type_coerce(func.timezone("utc", func.clock_timestamp()), Moment)
"""The database's, for two machines may be hours apart."""
_OLDEST = type_coerce(_NOW - literal(LIVES, Interval), Moment)

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
    """Writes down the troubles of this machine in place of those of its last round, and its name with them;
    nothing where no other would read them."""
    if not is_shared(home):
        return
    state, node = State.open(home), platform.node()
    seen = {one.key[:128]: one for one in found(Look(home, state, now, within=True), LOCAL)}
    here = written.c.machine == home.machine
    with state.begin() as connection:
        for key, one in seen.items():
            values = {"at": _NOW, "grave": one.grave, "sentence": f"On {node}: {one.sentence}"}
            upsert(connection, written, {"machine": home.machine, "key": key}, values)
        over = (here & written.c.key.not_in(list(seen))) | (written.c.at < _OLDEST)
        connection.execute(delete(written).where(over))


@register
def _of_others(look: Look) -> Iterator[Trouble]:
    if not is_shared(look.home):
        return
    query = select(written).where(written.c.machine != look.home.machine).order_by(written.c.machine)
    with look.state.begin() as connection:
        rows = connection.execute(query.where(written.c.at > _OLDEST)).all()
    for row in rows:
        yield Trouble(f"{row.machine} {row.key}", row.sentence, row.grave)
