"""Alarms about forgotten documents: when, which rule, whom about and how many stay; what they quoted goes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import orjson
from sqlalchemy import select, update

from fengping.alerts import tables
from fengping.alerts.channels import FILE
from fengping.home import Home
from fengping.state import State


def forget(home: Home, ids: Collection[str]) -> int:
    """Takes the quotations out of alarms that rest on *ids*, kept or in the file channel; their number.

    The evidence keeps its ids: it says how many there were, and leads nowhere any more.
    """
    state, fired = State.open(home), tables.firings
    gone = frozenset(ids)
    count = 0
    with state.begin() as connection:
        for row in connection.execute(select(fired.c.id, fired.c.evidence, fired.c.message)).fetchall():
            if not gone.isdisjoint(row.evidence):
                said = update(fired).where(fired.c.id == row.id).values(message=_unquoted(row.message))
                connection.execute(said)
                count += 1
    file = home.var / "alerts" / FILE
    if file.exists():
        _blank_file(file, gone)
    return count


def _unquoted(message: str) -> str:
    """The first line says why it fired; the others are documents."""
    return message.partition("\n")[0]


def _blank_file(file: Path, gone: frozenset[str]) -> None:
    """Each line keeps its length, for a check may be appending."""
    with file.open("r+b") as stream:
        while line := stream.readline():
            message = orjson.loads(line)
            if not gone.isdisjoint(message["evidence"]):
                message["text"] = _unquoted(message["text"])
                stream.seek(-len(line), 1)
                stream.write(orjson.dumps(message).ljust(len(line) - 1) + b"\n")
