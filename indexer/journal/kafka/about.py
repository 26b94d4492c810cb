"""Erasures, and what is void, as the small topic beside a journal's tells of them."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import orjson
from confluent_kafka import Message

from fengping.clock import parse_moment

ERASED, VOID = b"erased:", b"void:"
"""Begins of the keys of an erasure, before the version's id, and of what is void, before a writer's name."""


@dataclass(frozen=True, slots=True)
class Erasing:
    """The erasure of one version."""

    at: datetime
    forgotten: bool
    """True if its document is to be unknown for good."""
    stored: int
    """Milliseconds by the broker's clock."""


@dataclass
class About:
    """Content of the small topic as far as it was read."""

    erased: dict[bytes, Erasing] = field(default_factory=dict)
    """By version id."""
    void: frozenset[str] = frozenset()
    """Writers of which nothing that waits anywhere is to come any more."""
    read: int = 0
    """Offset behind the last record that was read."""
    lock: Lock = field(default_factory=Lock)

    def read_on(self, records: Iterable[Message]) -> None:
        """Takes in further *records* of the topic; who goes through :attr:`erased` meanwhile has what there
        was."""
        erased, void, read = dict(self.erased), set(self.void), self.read
        for message in records:
            key, value, read = message.key() or b"", message.value(), (message.offset() or 0) + 1
            if key.startswith(ERASED) and value:
                record = orjson.loads(value)
                at, (_, stored) = parse_moment(record["at"]), message.timestamp()
                erased[key[len(ERASED) :]] = Erasing(at, bool(record["forgotten"]), stored)
            elif key.startswith(ERASED):
                erased.pop(key[len(ERASED) :], None)
            elif key.startswith(VOID):
                void.add(key[len(VOID) :].decode())
        self.erased, self.void, self.read = erased, frozenset(void), read


@functools.cache
def about_of(hosts: str, topic: str, claimed: int) -> About:
    """One for all of this process that open the journal which was *claimed* at that moment: retention makes
    some hundred thousands of erasures, and each is read once."""
    return About()
