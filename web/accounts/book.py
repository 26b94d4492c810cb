"""Accounts of a home: made, checked by password (argon2), given sessions; and the log of what was written."""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, insert, select, update

from fengping.errors import UsageError
from fengping.state import State
from fengping.visible import visible
from fengping.web.accounts import passwords
from fengping.web.accounts.tables import accounts, audit, sessions

ROLES = ("reader", "analyst", "admin")
LIFE = timedelta(hours=12)
TARGET = 255
"""Characters that the audit log takes of what was acted on."""
_NAME = re.compile(r"[\w.-]{1,64}")
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    name: str
    role: str

    def may(self, role: str) -> bool:
        """True if this account has *role* or one above it."""
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was written, by whom."""

    at: datetime
    who: str
    act: str
    target: str
    detail: str


def add(state: State, name: str, password: str, role: str, now: datetime) -> Account:
    """Makes an account, or gives it another password and role. Raises :class:`UsageError` for bad ones."""
    if _NAME.fullmatch(name) is None:
        raise UsageError(f"{name!r} cannot name an account.", remedy="Use letters, digits, . _ and -.")
    if role not in ROLES:
        raise UsageError(f"Unknown role {role!r}.", remedy=f"There are {', '.join(ROLES)}.")
    passwords.check(password, name)
    hashed = _HASHER.hash(password)
    with state.begin() as connection:
        connection.execute(delete(accounts).where(accounts.c.name == name))
        connection.execute(delete(sessions).where(sessions.c.account == name))
        connection.execute(insert(accounts).values(name=name, hash=hashed, role=role, made_at=now))
    return Account(name, role)


def change_password(state: State, name: str, password: str, session: str) -> None:
    """Gives an account another password and ends all its sessions but the one of that token."""
    passwords.check(password, name)
    hashed = _HASHER.hash(password)
    with state.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.name == name).values(hash=hashed))
        others = (sessions.c.account == name) & (sessions.c.token != _hash(session))
        connection.execute(delete(sessions).where(others))


def check_admin_remains(state: State, name: str) -> None:
    """Raises :class:`UsageError` where *name* is the only admin."""
    if [one.name for one in everyone(state) if one.role == "admin"] == [name]:
        raise UsageError(f"{name!r} is the only admin.", remedy="Make another admin first.")


def remove(state: State, name: str) -> None:
    """Takes an account and its sessions away; raises :class:`UsageError` where there is none."""
    with state.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.account == name))
        if not connection.execute(delete(accounts).where(accounts.c.name == name)).rowcount:
            raise UsageError(f"There is no account {name!r}.", remedy="See: fengping account list")


def everyone(state: State) -> list[Account]:
    """All accounts, by name."""
    with state.begin() as connection:
        rows = connection.execute(select(accounts).order_by(accounts.c.name))
        return [Account(row.name, row.role) for row in rows]


@functools.cache
def _nobody() -> str:
    """Checked where there is no such account, so that the time does not tell."""
    return _HASHER.hash(secrets.token_hex(16))


def hash_of(state: State, name: str) -> str:
    """The hash of the password of *name*; empty where there is no such account."""
    with state.begin() as connection:
        return connection.scalar(select(accounts.c.hash).where(accounts.c.name == name)) or ""


def check(state: State, name: str, password: str) -> Account | None:
    """The account of that name where the password is right."""
    nobody = _nobody()
    with state.begin() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    try:
        _HASHER.verify(row.hash if row else nobody, password)
    except (VerificationError, InvalidHashError):
        return None
    return Account(row.name, row.role) if row else None


def begin(state: State, account: Account, now: datetime) -> str:
    """Opens a session; the token it returns is known to the browser alone."""
    token = secrets.token_urlsafe(32)
    with state.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.until < now))
        connection.execute(
            insert(sessions).values(token=_hash(token), account=account.name, until=now + LIFE)
        )
    return token


def account_of(state: State, token: str, now: datetime) -> Account | None:
    """The account whose session *token* is, while it lasts."""
    joined = sessions.join(accounts, sessions.c.account == accounts.c.name)
    query = select(accounts.c.name, accounts.c.role).select_from(joined)
    with state.begin() as connection:
        row = connection.execute(
            query.where(sessions.c.token == _hash(token), sessions.c.until > now)
        ).first()
    return Account(row.name, row.role) if row else None


def end(state: State, token: str) -> None:
    """Ends a session."""
    with state.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.token == _hash(token)))


def note(state: State, who: str, act: str, target: str, detail: str, now: datetime) -> None:
    """Writes down what was done; a target that is longer than the log takes stands whole in the detail."""
    target = visible(target)
    if len(target) > TARGET:
        target, detail = f"{target[: TARGET - 1]}…", f"{target} {detail}".strip()
    row = {"at": now, "who": who[:64], "act": act, "target": target, "detail": visible(detail)}
    with state.begin() as connection:
        connection.execute(insert(audit).values(**row))


def written(state: State, limit: int | None, offset: int = 0) -> tuple[int, list[Entry]]:
    """The log, newest first, and its length; all of it where *limit* is ``None``."""
    with state.begin() as connection:
        total = connection.scalar(select(func.count()).select_from(audit)) or 0
        rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(limit).offset(offset))
        return total, [Entry(row.at, row.who, row.act, row.target, row.detail) for row in rows]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
