"""``new_event``: an event that has begun, once enough documents of enough publishers tell of it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from fengping.alerts.rules.new_term import NewTerm


class NewEvent(NewTerm):
    """A new value of the field ``event``; documents without an event do not count."""

    registered_as: ClassVar[tuple[str, ...]] = ("new_event",)
    idle: ClassVar[frozenset[str]] = frozenset({"key_by"})

    key_by: str = "event"
    num_events: Annotated[int, Field(ge=1)] = 2
    min_publishers: Annotated[int, Field(ge=1)] = 2
