"""The outcome of one attempt: accepted, refused, not reached or not known, in the server's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fengping.delivery.message import Message


class Outcome(StrEnum):
    """The end of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """The other side answered, and not with yes."""
    UNREACHED = "unreached"
    """Nothing left this machine: no connection, a wrong certificate, a secret that is not set."""
    UNKNOWN = "unknown"
    """It was sent, and no complete answer came: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of an attempt, and what it means for the next."""

    outcome: Outcome
    reply: str
    """The other side's own words, or what went wrong before it could speak."""
    final: bool = False
    """Trying again would be refused again: the message becomes a dead letter."""
    wait: float = 0.0
    """Seconds the other side wants to be left alone."""
    whole: bool = True
    """The trouble is the channel's, so that its other messages need not try meanwhile."""

    @property
    def accepted(self) -> bool:
        return self.outcome is Outcome.ACCEPTED


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way to one address of one channel."""

    message: Message
    now: datetime
    address: str = ""
