"""Erasures as the small topic beside a journal's tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import orjson
from confluent_kafka import Message

from fengping.clock import parse_moment

ERASED = b"erased:"
"""Begin of the key of an erasure, before the version's id."""


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
    """Erasures as far as the small topic was read."""

    erased: dict[bytes, Erasing] = field(default_factory=dict)
    """By version id."""
    read: int = 0
    """Offset behind the last record that was read."""

    def take(self, message: Message) -> None:
        """Reads on by one record of the topic."""
        key, value = message.key() or b"", message.value()
        self.read = (message.offset() or 0) + 1
        if key.startswith(ERASED) and value:
            record = orjson.loads(value)
            at, (_, stored) = parse_moment(record["at"]), message.timestamp()
            self.erased[key[len(ERASED) :]] = Erasing(at, bool(record["forgotten"]), stored)
        elif key.startswith(ERASED):
            self.erased.pop(key[len(ERASED) :], None)
