"""The limit on wrong passwords, kept in the state database, so that all processes of a home share it.

A guess is counted before its password is looked at, in the transaction that finds it allowed: of many that
come at once no more are tested than of as many in turn. Strangers wait by account and address together, which
keeps nobody out at another address; wider budgets bound what one address tries at many accounts, and many
addresses at one. A browser that signed in before has a budget of its own, which no stranger uses up, until
the password changes.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import Connection, delete, select, update

from fengping.privacy import seal
from fengping.state import State, upsert
from fengping.web.accounts.tables import guesses

LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
"""Time without a further failure after which earlier ones no longer count."""
DEVICE_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Budget:
    """Failures of one *key*, *free* of them without a wait; each further one doubles it, to *longest*."""

    key: str
    free: int = 5
    longest: timedelta = LONGEST

    def pause(self, count: int) -> timedelta:
        """The wait after the *count*-th failure."""
        if count < self.free:
            return timedelta()
        return min(self.longest, timedelta(seconds=2 ** min(count - self.free + 1, 20)))


def budgets(name: str, address: str, device: str) -> tuple[Budget, ...]:
    """Budgets of a sign-in as *name* from *address*; *device*: the number of a browser that did so before."""
    if device:
        return (Budget(_key("device", device)),)
    place = _network(address)
    return (
        Budget(_key("pair", place, name)),
        Budget(_key("address", place), free=20),
        Budget(_key("account", name), free=100, longest=timedelta(minutes=1)),
    )


def own_budget(name: str) -> tuple[Budget, ...]:
    """The budget of who is signed in as *name* and says the password once more."""
    return (Budget(_key("signed in", name)),)


def take(state: State, wanted: Collection[Budget], now: datetime) -> timedelta:
    """Counts one guess against each of *wanted*; where one of them has to wait, counts none and returns how
    long."""
    with state.begin() as connection:
        if wait := _wait(connection, wanted, now):  # most of a flood ends here, without a lock
            return wait
    with state.exclusive() as connection:
        if wait := _wait(connection, wanted, now):
            return wait
        connection.execute(delete(guesses).where(guesses.c.at < now - FORGOTTEN))
        for one in wanted:
            query = select(guesses.c.count).where(guesses.c.key == one.key)
            count = (connection.scalar(query) or 0) + 1
            values = {"count": count, "at": now, "until": now + one.pause(count)}
            upsert(connection, guesses, {"key": one.key}, values)
    return timedelta()


def passed(state: State, wanted: Collection[Budget]) -> None:
    """The password was right: forgets the failures of the first of *wanted*, and takes this guess out of the
    others, whose failures may be those of strangers."""
    first, *others = (one.key for one in wanted)
    with state.begin() as connection:
        connection.execute(delete(guesses).where(guesses.c.key == first))
        connection.execute(update(guesses).where(guesses.c.key.in_(others)).values(count=guesses.c.count - 1))


def device_cookie(salt: bytes, name: str, device: str, secret: str) -> str:
    """The cookie of a browser that signed in as *name*: the number of the *device* and a signature.

    *secret* is the hash of the password: with another one the browser is a stranger.
    """
    return f"{device}.{seal(salt, 'device', device, name, secret)}"


def device_of(salt: bytes, name: str, cookie: str, secret: str) -> str:
    """The number of the device that *cookie* was given to, where that signed in as *name*; else empty."""
    device = cookie.partition(".")[0]
    right = device_cookie(salt, name, device, secret)
    return device if hmac.compare_digest(right.encode(), cookie.encode()) else ""


def _key(*parts: str) -> str:
    """A key of one length, whatever was typed as a name."""
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """An address as others know its owner: of IPv6 the /64, within which one machine has all."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and not ip.ipv4_mapped:
        return str(ip_network((ip, 64), strict=False))
    return address


def _wait(connection: Connection, wanted: Collection[Budget], now: datetime) -> timedelta:
    # A wait that is longer than any was set by a clock that was wrong.
    due = guesses.c.until > now, guesses.c.until <= now + LONGEST
    keys = guesses.c.key.in_([one.key for one in wanted])
    ends = connection.scalars(select(guesses.c.until).where(keys, *due)).all()
    return max((end - now for end in ends), default=timedelta())
