"""Alarms about erased documents: when, which rule, whom about and how many stay; what they quoted goes, and
the name of a private person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from fengping.alerts import tables
from fengping.alerts.rules.watch import party_of
from fengping.delivery import Message, escape
from fengping.delivery import tables as letters
from fengping.delivery.closing import wordless
from fengping.delivery.senders.file import NAME
from fengping.erasure import Erased, Erasure, Holder, Stage
from fengping.erasure.files import change_lines
from fengping.erasure.traces import SHORTEST, Traces
from fengping.indexer import Filter, open_store
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
            if not gone.isdisjoint([*row.evidence, *facts.get("window", ())]):
                said = _quoted(row.key, facts)
                if said:
                    names |= {said: row.key, escape(said): row.key}
                values = {
                    "message": _unnamed(_unquoted(row.message), [said] if said else ()),
                    "facts": facts
                    | {"lead": "", "said": ""}
                    | ({"name": row.key} if "said" not in facts else {}),
                }
                connection.execute(update(fired).where(fired.c.id == row.id).values(values))
                quoting |= {Message(row.letter, "-").id} if row.letter else set()
                count += 1
        _blank_letters(connection, quoting, names, erasure.traces)
    for file in _files(erasure):
        _blank_file(file, quoting, gone, names, erasure.traces)
    return Erased({"alarms": count})


def erase_people(erasure: Erasure) -> Erased:
    """Takes private people whom no other document names out of the keys of alarms, and out of their letters.

    The store still holds the documents, which say who is private.
    """
    with closing(open_store(erasure.home)) as store:
        found = store.get(sorted(erasure.ids))
        said = Counter(name for one in found for name in one.judgement.people or ())
        alone = [name for name, n in said.items() if store.count(Filter(where={"people": (name,)})) <= n]
    if not alone:
        return Erased()
    names, keys = {name: name for name in alone}, {name: f"…{token_hex(4)}" for name in alone}
    fired, silences, tried = tables.firings, tables.silences, letters.attempts
    with erasure.state().begin() as connection:
        for row in connection.execute(select(fired)).fetchall():
            if party_of(row.key) not in keys:
                continue
            party = party_of(row.key)
            facts = (row.facts or {}) | {"name": keys[party]}
            words = {name: _unnamed(row._mapping[name], [party]) for name in ("message", "letter")}
            connection.execute(update(fired).where(fired.c.id == row.id).values(facts=facts, **words))
        for table in (fired, tables.states, tables.changes):
            for key in connection.scalars(select(table.c.key).distinct()).all():
                if (party := party_of(key)) in keys:
                    given = keys[party] + key.removeprefix(party)
                    connection.execute(update(table).where(table.c.key == key).values(key=given))
        for row in connection.execute(select(silences)).fetchall():
            matcher = {what: [keys.get(one, one) for one in of] for what, of in row.matcher.items()}
            connection.execute(update(silences).where(silences.c.id == row.id).values(matcher=matcher))
        for id, record in _blank_letters(connection, set(), names, erasure.traces):
            if subject := record.get("subject"):
                connection.execute(update(tried).where(tried.c.message == id).values(subject=subject))
    for file in _files(erasure):
        _blank_file(file, set(), frozenset(), names, erasure.traces)
    return Erased()


_FORMER_FILE = "alerts/alerts.jsonl"
"""The file channel of homes made before messages went through the outbox."""


def _files(erasure: Erasure) -> Iterator[Path]:
    var = erasure.home.var
    yield from filter(Path.exists, (var / "delivery" / NAME, var / _FORMER_FILE))


HOLDERS = (Holder(Stage.STORES, erase_people), Holder(Stage.STATE, erase_quotations))


def _quoted(key: str, facts: Mapping[str, Any]) -> str:
    """The part of a subject that is somebody's text: the charge, in earlier versions the name of an event."""
    name = facts.get("name", key)
    return str(facts.get("said", name if facts.get("titled", name != key) else ""))


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


def _blank_letters(
    connection: Connection, quoting: set[str], names: Mapping[str, str], traces: Traces
) -> list[tuple[str, dict[str, Any]]]:
    """Blanks the letters that hold traces; id and record of each that changed."""
    stored = letters.messages
    read = (
        (row, _blanked(row.record, quoting, names, traces))
        for row in connection.execute(select(stored)).fetchall()
    )
    changed = [(row.id, record) for row, record in read if record != row.record]
    for id, record in changed:
        connection.execute(update(stored).where(stored.c.id == id).values(record=record))
    return changed


def _without(value: Any, names: Sequence[str], traces: Traces) -> Any:
    if isinstance(value, str):
        return traces.blanked(_unnamed(value, names))
    if isinstance(value, dict):
        return {name: _without(one, names, traces) for name, one in value.items()}
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
