"""How long an archive of evidence is, and its last line's hash, as the state database knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from fengping.events import tables
from fengping.home import Home
from fengping.state import State, upsert


@dataclass(frozen=True, slots=True)
class Anchor:
    """The line that one machine added last to an archive."""

    archive: str
    """Hash of the archive's first line, which names it."""
    length: int
    head: str


def anchors(home: Home) -> list[Anchor]:
    """The anchors of all machines of the deployment."""
    return sorted(by_machine(home).values(), key=lambda one: (one.archive, one.length))


def known_of(home: Home, every: Mapping[str, Anchor], first: str) -> list[Anchor]:
    """Those of *every* machine, the shortest first, that are of the archive here, whose *first* line has
    that hash: of other machines that add to it too, and this machine's own also where that line is lost."""
    own = every.get(_machine(home))
    names = {first, own.archive if own else first}
    return sorted((one for one in every.values() if one.archive in names), key=lambda one: one.length)


def anchor(home: Home, found: Anchor) -> None:
    """Writes down what this machine has added."""
    values = {"archive": found.archive, "length": found.length, "head": found.head}
    with State.open(home).begin() as connection:
        upsert(connection, tables.anchors, {"machine": _machine(home)}, values)


def by_machine(home: Home) -> dict[str, Anchor]:
    """The anchor of each machine by its name."""
    with State.open(home).begin() as connection:
        rows = connection.execute(select(tables.anchors)).fetchall()
    return {row.machine: Anchor(row.archive, row.length, row.head) for row in rows}


def _machine(home: Home) -> str:
    return home.machine if State.open(home).is_shared else ""
