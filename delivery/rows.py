"""Rows of the outbox: what one process may send, a letter as a person sees it, a line of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fengping.delivery.message import Message
from fengping.delivery.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that this process alone may send until the claim ends."""

    row: int
    token: str
    attempt: int
    """Its number in the log of attempts."""
    count: int
    """Attempts that this row has seen, with this one."""
    since: datetime
    meant_at: datetime
    """The moment at which it was to go out first; *since* is that, or when it was taken up again."""
    channel: str
    address: str
    message: Message


@dataclass(frozen=True, slots=True)
class Letter:
    """A row as a person sees it: waiting, dead or accepted."""

    id: int
    subject: str
    key: str
    channel: str
    address: str
    status: str
    attempts: int
    since: datetime
    due_at: datetime
    reply: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the log: when what went where and what the other side said."""

    id: int
    at: datetime
    subject: str
    channel: str
    address: str
    outcome: Outcome
    reply: str
    seconds: float | None
    message: str
