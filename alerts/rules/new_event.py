"""``new_event``: an event that has begun, once enough documents of enough publishers tell of it."""

from __future__ import annotations

from typing import ClassVar

from fengping.alerts.rules.new_term import NewTerm
from fengping.alerts.rules.rule import Enough


class NewEvent(NewTerm):
    """A new value of the field ``event``; documents without an event do not count."""

    registered_as: ClassVar[tuple[str, ...]] = ("new_event",)
    idle: ClassVar[frozenset[str]] = frozenset({"key_by"})

    key_by: str = "event"
    num_events: Enough = 2
    min_publishers: Enough = 2
