"""Tokens of programs: shown once, kept as a hash, each with a scope."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from sqlalchemy import Column, String, Table, delete, insert, select

from fengping.errors import UsageError, did_you_mean
from fengping.state import Moment, State, metadata
from fengping.web.desk import AtDesk

SCOPES = ("read", "correct", "admin")
"""Each may what those before it may."""
_NAME = re.compile(r"[\w.-]{1,64}")
_REMEMBERED = 10_000

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scope", String(16), nullable=False),
    Column("made_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A program that may use the API."""

    name: str
    scope: str
    made_at: datetime

    def may(self, scope: str) -> bool:
        """True if this token has *scope* or a higher one."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


def add(state: State, name: str, scope: str, now: datetime) -> str:
    """Makes a token and returns it: it is kept nowhere. Raises :class:`UsageError` for a name in use."""
    if _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot name a token.", remedy="Use letters, digits, . _ and -.")
    if scope not in SCOPES:
        raise UsageError(f"Unknown scope {scope!r}.", remedy=did_you_mean(scope, SCOPES))
    if any(one.name == name for one in everything(state)):
        raise UsageError(f"There is a token {name!r}.", remedy="Remove it first, or choose another name.")
    token = f"fp_{secrets.token_urlsafe(32)}"
    with state.begin() as connection:
        connection.execute(insert(api_tokens).values(name=name, hash=_hash(token), scope=scope, made_at=now))
    return token


def remove(state: State, name: str) -> None:
    """Ends a token at once. Raises :class:`UsageError` where there is none."""
    with state.begin() as connection:
        done = connection.execute(delete(api_tokens).where(api_tokens.c.name == name))
    if not done.rowcount:
        raise UsageError(f"There is no token {name!r}.", remedy="See: fengping token list")


def everything(state: State) -> list[Token]:
    """All tokens, by name."""
    with state.begin() as connection:
        rows = connection.execute(select(api_tokens).order_by(api_tokens.c.name))
        return [Token(row.name, row.scope, row.made_at) for row in rows]


def token_of(state: State, given: str) -> Token | None:
    """The token that *given* is."""
    with state.begin() as connection:
        row = connection.execute(select(api_tokens).where(api_tokens.c.hash == _hash(given))).first()
    return Token(row.name, row.scope, row.made_at) if row else None


class Bucket:
    """Limits each key to *per_minute* calls, *at_once* of them without a pause."""

    def __init__(self, per_minute: float, at_once: float) -> None:
        self._per_second = per_minute / 60
        self._at_once = at_once
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until *key* may call; 0 if it may now, which is then counted."""
        with self._lock:
            left, at = self._kept.pop(key, (self._at_once, now))
            left = min(self._at_once, left + (now - at) * self._per_second)
            waiting = 0.0 if left >= 1 else (1 - left) / self._per_second
            self._kept[key] = (left if waiting else left - 1, now)
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
            return waiting

    def check(self, key: str) -> None:
        """Counts a call of *key*; raises 429 with ``Retry-After`` where it has to wait."""
        if pause := self.wait(key, time.monotonic()):
            raise HTTPException(429, "Too many calls.", {"retry-after": str(int(pause) + 1)})


_writes = Bucket(per_minute=60, at_once=20)


def bearer(request: Request) -> str:
    """The token that a request carries; empty for none."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else ""


def _corrector(request: Request, desk: AtDesk) -> str:
    token = token_of(desk.state(), bearer(request))
    if token is None:
        raise HTTPException(
            401,
            "This needs a token: fengping token add NAME --scope correct.",
            {"www-authenticate": "Bearer"},
        )
    if not token.may("correct"):
        raise HTTPException(403, f"The token {token.name} may only {token.scope}; this needs correct.")
    _writes.check(f"{desk.home.root}\0{token.name}")
    return f"token:{token.name}"


Corrector = Annotated[str, Depends(_corrector)]
"""Name under which a program with the scope ``correct`` writes."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
