"""Alarms about erased documents: when, which rule, whom about and how many stay; what they quoted goes."""

from __future__ import annotations

from pathlib import Path

import orjson
from sqlalchemy import select, update

from fengping.alerts import tables
from fengping.alerts.channels import FILE
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.state import State


def erase_quotations(erasure: Erasure) -> Erased:
    """Takes the quotations out of alarms that rest on them, kept or in the file channel.

    The evidence keeps its ids: it says how many there were, and leads nowhere any more.
    """
    state, fired = State.open(erasure.home), tables.firings
    gone, count = frozenset(erasure.ids), 0
    with state.begin() as connection:
        for row in connection.execute(select(fired.c.id, fired.c.evidence, fired.c.message)).fetchall():
            if not gone.isdisjoint(row.evidence):
                said = update(fired).where(fired.c.id == row.id).values(message=_unquoted(row.message))
                connection.execute(said)
                count += 1
    file = erasure.home.var / "alerts" / FILE
    if file.exists():
        _blank_file(file, gone)
    return Erased({"alarms": count})


HOLDERS = (Holder(Stage.STATE, erase_quotations),)


def _unquoted(message: str) -> str:
    """The first line says why it fired; the others are documents."""
    return message.partition("\n")[0]


def _blank_file(file: Path, gone: frozenset[str]) -> None:
    """Each line keeps its length, for a check may be appending."""
    with file.open("r+b") as stream:
        while line := stream.readline():
            try:
                message = orjson.loads(line)
                found = not gone.isdisjoint(message["evidence"])
                message["text"] = _unquoted(message["text"])
                blanked = orjson.dumps(message)
            except (ValueError, KeyError, TypeError, AttributeError):
                # Torn, when a disk was full or a process died: it goes whole where it names one of them.
                found, blanked = any(id.encode() in line for id in gone), b""
            if found:
                stream.seek(-len(line), 1)
                stream.write(blanked.ljust(len(line.rstrip(b"\n"))) + line[len(line.rstrip(b"\n")) :])
