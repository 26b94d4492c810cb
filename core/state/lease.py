"""Leases: work that one process of a whole deployment may do, by the clock of the state database.

Each time a lease changes hands its *token* grows. Whoever holds it commits through :meth:`Tenure.state`,
which looks at the token as the last thing of every transaction; so a process that slept through the end of
its lease can write nothing more, whatever it believes. Clocks of the machines do not matter.

On SQLite a home is one machine's, and a lock of the kernel (:mod:`fengping.locks`) does the same.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    UpdateBase,
    delete,
    insert,
    literal_column,
    select,
    update,
)

from fengping.errors import Clash, FengpingError, HomeBusy
from fengping.home import Home
from fengping.locks import WAIT, sole_process
from fengping.state.engine import State, insert_into, metadata

LEASE_MS = 15_000
BEAT = 3.0
_ASK = 0.5
_ROLE = "role "
_ROW_MS = 24 * 3_600_000
"""Time for which the row of a role that ran out stays: its process may live and show itself again."""

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(255), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""``until``: milliseconds by the database's clock; 0 for one that was given back."""

NOW = literal_column("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", BigInteger)
"""Milliseconds by the database's clock; PostgreSQL alone."""


class FencedState(State):
    """A state database whose transactions end with a look at the token."""

    def __init__(self, state: State, tenure: Tenure) -> None:
        super().__init__(state.engine)
        self._state, self._tenure = state, tenure

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self._state.begin() as connection:
            yield connection
            self._tenure.check(connection)


@dataclass(frozen=True)
class Tenure:
    """The right to do a piece of work, as it was given."""

    name: str
    what: str
    holder: str
    token: int
    """0 where a lock of this machine is all there is."""

    def state(self, state: State) -> State:
        """*state* with the token checked at the end of each transaction."""
        return FencedState(state, self) if self.token else state

    def check(self, connection: Connection) -> None:
        """Raises :class:`HomeBusy` where another process has taken over; none can before this commits."""
        if not self.token:
            return
        row = connection.execute(
            select(leases.c.token, leases.c.holder)
            .where(leases.c.name == self.name)
            .with_for_update(read=True)
        ).one_or_none()
        if row is None or row.token != self.token:
            raise HomeBusy(
                f"{row.holder if row else 'Another process'} has taken over: this one {self.what} no longer.",
                remedy="Nothing is lost or doubled; the other does what was not finished, or run it again.",
            )

    def go_on(self, connection: Connection) -> None:
        """Lasts from now on, for work within one transaction that took longer than a lease: while that holds
        the row, no beat renews it."""
        if self.token:
            connection.execute(update(leases).where(self.row).values(until=NOW + LEASE_MS))

    @property
    def row(self) -> ColumnElement[bool]:
        """The row of its lease, as long as no other process has taken over."""
        return (leases.c.name == self.name) & (leases.c.token == self.token)


BY_LOCK = Tenure("", "", "", 0)
"""The right of a process beside which there is no other."""


@contextmanager
def sole(home: Home, name: str, what: str, *, patience: float = 0.0) -> Iterator[Tenure]:
    """Holds the right *name* for what this process does (``writes the index of this home``) in all the
    deployment: a lock of this machine, and where the state is no file, a lease beside it.

    Raises :class:`HomeBusy` where another holds it, also after *patience* seconds.
    """
    with sole_process(home.var / f"{name}.lock", what):
        if home.config.state.startswith("sqlite:"):
            yield Tenure(name, what, "", 0)
            return
        state = State.open(home)
        tenure = _taken(state, name, what, patience)
        renew = update(leases).where(tenure.row).values(until=NOW + LEASE_MS)
        with _renewed(state, name, renew, tenure.row):
            yield tenure


@contextmanager
def present(home: Home, role: str) -> Iterator[None]:
    """Shows to ``doctor`` on every machine that this process is at work in *role*."""
    if home.config.state.startswith("sqlite:"):
        yield
        return
    state, name = State.open(home), f"{_ROLE}{role} {home.machine} {os.getpid()}"
    show = insert_into(state.engine, leases).values(
        name=name, holder=_process(), token=0, until=NOW + LEASE_MS
    )
    # A row of this name is that of a process before this one, which a container gave the same number.
    ours = {column: show.excluded[column] for column in ("holder", "until")}
    show = show.on_conflict_do_update(index_elements=["name"], set_=ours)
    with state.begin() as connection:
        old = leases.c.until < NOW - _ROW_MS
        connection.execute(delete(leases).where(leases.c.name.startswith(_ROLE), old))
        connection.execute(show)
    with _renewed(state, name, show, leases.c.name == name):
        yield


def at_work(state: State, machine: str = "") -> list[tuple[str, str]]:
    """Role and process of everyone who is :func:`present` now, or of a *machine* alone."""
    if not state.is_shared:
        return []
    with state.begin() as connection:
        found = select(leases.c.name, leases.c.holder).where(
            leases.c.name.startswith(_ROLE), leases.c.until > NOW
        )
        rows = connection.execute(found.order_by(leases.c.name)).fetchall()
    found_at = [(*row.name.split(" ")[1:3], row.holder.rpartition(" (")[0]) for row in rows]
    return [(role, process) for role, at, process in found_at if machine in ("", at)]


@contextmanager
def _renewed(state: State, name: str, renew: UpdateBase, ours: ColumnElement[bool]) -> Iterator[None]:
    over = threading.Event()
    beat = threading.Thread(target=_renew, args=(state, renew, over), name=f"lease {name}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join()
        _release(state, ours)


def clock(state: State) -> float:
    """Seconds since 1970 by the database server's clock."""
    with state.begin() as connection:
        return float(connection.scalar(select(NOW)) or 0) / 1000


def ahead(state: State) -> timedelta:
    """The time by which the database's clock is ahead of this machine's, to the second; none for a file."""
    if not state.is_shared:
        return timedelta()
    before = time.time()
    return timedelta(seconds=round(clock(state) - (before + time.time()) / 2))


def holder_of(state: State, name: str) -> str:
    """Process and machine that hold a lease now; empty where none does."""
    if not state.is_shared:
        return ""
    with state.begin() as connection:
        found = select(leases.c.holder).where(leases.c.name == name, leases.c.until > NOW)
        return connection.scalar(found) or ""


def _taken(state: State, name: str, what: str, patience: float) -> Tenure:
    holder = _process()
    deadline = time.monotonic() + patience
    while True:
        if token := _take(state, name, holder):
            return Tenure(name, what, holder, token)
        other = holder_of(state, name)
        if other and time.monotonic() >= deadline:
            raise HomeBusy(f"{other.rpartition(' (')[0]} already {what}.", remedy=WAIT)
        time.sleep(_ASK)


def _process() -> str:
    return f"Process {os.getpid()} on {platform.node()} ({secrets.token_hex(3)})"


def _take(state: State, name: str, holder: str) -> int:
    """The token, where the lease was free or run out; else 0."""
    fresh = {"holder": holder, "until": NOW + LEASE_MS}
    # Above every token there ever was, also of a database that was lost: seconds of the clock, or one more.
    token = literal_column(
        "GREATEST(leases.token + 1, CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT))", BigInteger
    )
    with state.begin() as connection:
        change = update(leases).where(leases.c.name == name, leases.c.until <= NOW)
        found = connection.scalar(change.values(token=token, **fresh).returning(leases.c.token))
        if found is not None:
            return int(found)
        if connection.scalar(select(leases.c.name).where(leases.c.name == name)) is not None:
            return 0
    try:
        with state.begin() as connection:
            first = insert(leases).values(name=name, token=NOW / 1000, **fresh)
            return int(connection.scalar(first.returning(leases.c.token)) or 0)
    except Clash:
        return 0


def _renew(state: State, renew: UpdateBase, over: threading.Event) -> None:
    while not over.wait(BEAT):
        try:
            with state.begin() as connection:
                done = connection.execute(renew)
            if not done.rowcount:
                return  # the next commit says so
        except FengpingError:
            continue  # the database is away: the lease runs out if it stays so


def _release(state: State, ours: ColumnElement[bool]) -> None:
    try:
        with state.begin() as connection:
            connection.execute(update(leases).where(ours).values(until=0))
    except FengpingError:
        return  # it runs out by itself
