"""Silences: who wants to hear nothing of which keys until when, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from fengping.alerts import tables
from fengping.alerts.rules.rule import Rule
from fengping.alerts.rules.watch import event_of, party_of
from fengping.errors import UsageError, did_you_mean

MATCHED = ("rule", "key", "class")
BUT = "but"
"""Beside these in a matcher: keys that it names no longer."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told of what it matches; recovery still is."""

    id: int
    matcher: Mapping[str, Sequence[str]]
    author: str
    reason: str
    begins_at: datetime
    ends_at: datetime
    until_doubled: bool
    ended_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """True at a moment at which it is in force."""
        return self.begins_at <= now < self.ends_at and (self.ended_at is None or now < self.ended_at)

    def matches(self, labels: Mapping[str, Sequence[str]]) -> bool:
        """True if of each label that it names all values are among its own: of an alarm of two classes
        nobody has silenced the one that it does not name. Of an event its id, its party or its key is enough.
        """
        return not self._leaves_out(labels) and all(
            labels.get(name)
            and (set(labels[name]) & set(values) if name == "key" else set(labels[name]).issubset(values))
            for name, values in self._named
        )

    def touches(self, labels: Mapping[str, Sequence[str]]) -> bool:
        """True if of each label that it names a value is among its own: what it keeps quiet stays so while
        the affair has other classes from before."""
        return not self._leaves_out(labels) and all(
            set(values) & set(labels.get(name, ())) for name, values in self._named
        )

    @property
    def is_of_one_key(self) -> bool:
        return len(self.matcher.get("key", ())) == 1

    @property
    def _named(self) -> list[tuple[str, Sequence[str]]]:
        return [(name, values) for name, values in self.matcher.items() if name != BUT]

    def _leaves_out(self, labels: Mapping[str, Sequence[str]]) -> bool:
        return bool(set(self.matcher.get(BUT, ())) & set(labels.get("key", ())))

    def without(self, key: str) -> Silence:
        """The same for every other key."""
        return replace(self, matcher={**self.matcher, BUT: [*self.matcher.get(BUT, ()), key]})

    def to_record(self) -> dict[str, Any]:
        """The flat JSON form, times as they are."""
        return {
            "id": self.id, "matcher": dict(self.matcher), "author": self.author, "reason": self.reason,
            "begins_at": self.begins_at, "ends_at": self.ends_at, "until_doubled": self.until_doubled,
            "ended_at": self.ended_at,
        }  # fmt: skip


def labels_of(rule: Rule, key: str, classes: Sequence[str]) -> dict[str, Sequence[str]]:
    """The labels of an alarm that silences match: where a key is a class, the others are other keys'."""
    keys = tuple(filter(None, dict.fromkeys((key, party_of(key), event_of(key)))))
    return {"rule": (rule.name,), "key": keys, "class": (key,) if rule.is_of_classes else classes}


def parse_matcher(words: Sequence[str]) -> dict[str, list[str]]:
    """``key=某主播``, ``rule=…``, ``class=C03`` as a matcher; raises :class:`UsageError`."""
    found: dict[str, list[str]] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in MATCHED or not value.strip():
            raise UsageError(
                f"{word!r} matches nothing: write key=NAME, rule=NAME or class=C03.",
                remedy=did_you_mean(name, MATCHED),
            )
        found.setdefault(name, []).append(value.strip())
    if not found:
        raise UsageError(
            "A silence names what it silences.", remedy="Write key=NAME, rule=NAME or class=C03."
        )
    return found


def add(connection: Connection, silence: Silence) -> int:
    """Writes a silence and returns its number."""
    record = silence.to_record()
    del record["id"]
    made = connection.execute(insert(tables.silences).values(record)).inserted_primary_key
    assert made is not None
    return int(made[0])


def end(connection: Connection, number: int, now: datetime) -> None:
    """Ends a silence; raises :class:`UsageError` where none of that number holds."""
    table = tables.silences
    done = connection.execute(
        update(table).where(table.c.id == number, table.c.ended_at.is_(None)).values(ended_at=now)
    )
    if not done.rowcount:
        raise UsageError(f"No silence {number} holds.", remedy="See: fengping alerts silence")


def leave_out(connection: Connection, silence: Silence, key: str) -> Silence:
    """Ends a silence for one of its keys; the others stay silent."""
    left = silence.without(key)
    table = tables.silences
    connection.execute(update(table).where(table.c.id == silence.id).values(matcher=dict(left.matcher)))
    return left


def every(connection: Connection) -> list[Silence]:
    """All silences, newest first."""
    rows = connection.execute(select(tables.silences).order_by(tables.silences.c.id.desc()))
    return [
        Silence(
            row.id, row.matcher, row.author, row.reason, row.begins_at, row.ends_at, row.until_doubled,
            row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
