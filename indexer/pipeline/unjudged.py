"""Counts of the documents in the quarantine of each machine of a deployment, for the others to tell."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Column, Connection, Integer, String, Table, delete, insert, select

from fengping.home import Home
from fengping.indexer.pipeline.quarantine import unjudged
from fengping.state import State, metadata

counts = Table(
    "index_unjudged",
    metadata,
    Column("machine", String(255), primary_key=True),
    Column("node", String(255), nullable=False),
    Column("documents", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Documents in the quarantine of another machine, which led before."""

    node: str
    count: int

    @property
    def sentence(self) -> str:
        """The number of them, and what brings them in."""
        return (
            f"{self.count:,} documents that {self.node} could not judge are not in the index. They are tried "
            "again there when it leads; fengping reindex takes them in here."
        )


def elsewhere(home: Home) -> Sequence[Elsewhere]:
    """Those of every machine but this one, whether or not it is at work."""
    asked = select(counts).where(counts.c.machine != home.machine).order_by(counts.c.node)
    with State.open(home).begin() as connection:
        return [Elsewhere(row.node, row.documents) for row in connection.execute(asked)]


def noting(home: Home) -> Callable[[Connection, int], None] | None:
    """Has whoever counts them note how many stand in the quarantine of this machine; ``None`` where no other
    may lead."""
    return None if home.config.state.startswith("sqlite:") else partial(_note, home)


def note(connection: Connection, home: Home) -> None:
    """Counts and notes them."""
    if write := noting(home):
        write(connection, unjudged(home).count)


def _note(home: Home, connection: Connection, count: int) -> None:
    connection.execute(delete(counts).where(counts.c.machine == home.machine))
    if count:
        values = {"machine": home.machine, "node": platform.node()[:255] or home.machine}
        connection.execute(insert(counts).values(**values, documents=count))


def begin_anew(connection: Connection, home: Home) -> None:
    """Of an index built anew from the whole journal only what stands in the quarantine here is missing."""
    connection.execute(delete(counts))
    note(connection, home)
