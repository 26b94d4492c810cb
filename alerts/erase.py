"""Alarms about erased documents: when, which rule, whom about and how many stay; what they quoted goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select, update

from fengping.alerts import tables
from fengping.delivery import Message, escape
from fengping.delivery import tables as letters
from fengping.delivery.closing import wordless
from fengping.delivery.senders.file import NAME
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import change_lines
from fengping.erasure.traces import SHORTEST, Traces
from fengping.state import State


def erase_quotations(erasure: Erasure) -> Erased:
    """Takes the quotations out of alarms that rest on them, of their letters, and of the file channel.

    The evidence keeps its ids: it says how many there were, and leads nowhere any more.
    """
    state, fired = State.open(erasure.home), tables.firings
    gone, count = frozenset(erasure.ids), 0
    quoting: set[str] = set()
    names: dict[str, str] = {}
    with state.begin() as connection:
        query = select(
            fired.c.id, fired.c.key, fired.c.evidence, fired.c.facts, fired.c.message, fired.c.letter
        )
        for row in connection.execute(query).fetchall():
            facts = row.facts or {}
            said = (id for name in ("answers", "others", "unclaimed") for id in facts.get(name, ()))
            if not gone.isdisjoint([*row.evidence, *said]):
                name = facts.get("name", row.key)
                titled = facts.get("titled", name != row.key)
                if titled:  # by an event, whose title is somebody's text
                    names |= {name: row.key, escape(name): row.key}
                values = {
                    "message": _unnamed(_unquoted(row.message), [name] if titled else ()),
                    "facts": facts | {"lead": ""} | ({"name": row.key} if titled else {}),
                }
                connection.execute(update(fired).where(fired.c.id == row.id).values(values))
                quoting |= {Message(row.letter, "-").id} if row.letter else set()
                count += 1
        stored = letters.messages
        for row in connection.execute(select(stored)).fetchall():
            if (record := _blanked(row.record, quoting, names, erasure.traces)) != row.record:
                connection.execute(update(stored).where(stored.c.id == row.id).values(record=record))
    for file in (erasure.home.var / "delivery" / NAME, erasure.home.var / _FORMER_FILE):
        if file.exists():
            _blank_file(file, quoting, gone, names, erasure.traces)
    return Erased({"alarms": count})


_FORMER_FILE = "alerts/alerts.jsonl"
"""The file channel of homes made before messages went through the outbox."""


HOLDERS = (Holder(Stage.STATE, erase_quotations),)


def _unquoted(message: str) -> str:
    """The first line says why it fired; the others are documents."""
    return message.partition("\n")[0]


def _unnamed(text: str, names: Iterable[str]) -> str:
    for name in names:
        text = text.replace(name, "…")
    return text


def _blanked(
    record: dict[str, Any], quoting: set[str], names: Mapping[str, str], traces: Traces
) -> dict[str, Any]:
    """A letter without traces; of one that quotes what is erased the subject is left.

    *names*: titles by which letters call an event, and its key. A short one goes only where that is meant.
    """
    keys = record.get("labels", {}).get("key", ())
    meant = [name for name, key in names.items() if key in keys or len(name) >= SHORTEST]
    if record.get("id") in quoting:
        record = wordless(record)
    return {name: _without(value, meant, traces) for name, value in record.items()}


def _without(value: Any, names: Sequence[str], traces: Traces) -> Any:
    if isinstance(value, str):
        return traces.blanked(_unnamed(value, names))
    return [_without(one, names, traces) for one in value] if isinstance(value, list) else value


def _blank_file(
    file: Path, quoting: set[str], gone: frozenset[str], names: Mapping[str, str], traces: Traces
) -> None:
    """A torn line goes whole."""

    def blanked(line: bytes) -> bytes:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            said = line.decode("utf-8", "replace")
            return b"{}" if traces.within(said) or any(id in said for id in gone) else line
        if not gone.isdisjoint(record.get("evidence", ())):
            record["text"] = _unquoted(record.get("text", ""))
        return orjson.dumps(_blanked(record, quoting, names, traces))

    change_lines(file, blanked)
