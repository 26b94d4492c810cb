"""Speaking to the Redis server of the frontier: where it is, who we are, and its errors in our words."""

from __future__ import annotations

from typing import Any

import redis

from fengping.credentials import authority, secret, tls_fault
from fengping.errors import ConfigError, FengpingError, ForeignHome, StoreDown, StoreError
from fengping.visible import masked

OLDEST = (6, 0)
"""Older ones know neither the client's greeting nor scripts that write after asking for the time."""

_HOME = "fengping:home"
_PREFIX = "FENGPING_REDIS_"
_REFUSED = (redis.AuthenticationError, redis.exceptions.NoPermissionError)
_STARTING = "Start Redis: pages wait until then, and nothing is lost."


class Server(redis.Redis):
    """A client whose errors are ours."""

    url = ""

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]
        except redis.exceptions.NoScriptError:
            raise  # the client sends the script then
        except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
            raise self.explained(error) from error

    def check(self) -> None:
        """Raises :class:`StoreDown` where nobody answers, :class:`ConfigError` for a version of long ago."""
        version = str(self.info("server").get("redis_version", ""))
        digits = [int(part) for part in version.split(".")[:2] if part.isdecimal()]
        if tuple(digits) < OLDEST:
            raise self._another(f"it is {version or 'of no version'}")

    def belong(self, identity: str) -> None:
        """Claims a database that no home has claimed; raises :class:`ForeignHome` for one of another."""
        self.set(_HOME, identity, nx=True)
        owner: Any = self.get(_HOME) or identity.encode()  # gone in between: emptied by somebody
        if owner != identity.encode():
            raise ForeignHome(f"The frontier {self.place}", owner.decode("ascii", "replace"), identity)

    def clock(self) -> float:
        """Seconds since 1970 by the server's clock."""
        seconds, millionths = self.time()
        return float(seconds + millionths / 1e6)

    @property
    def place(self) -> str:
        """The address without user and password."""
        return self.url.partition("?")[0].rpartition("@")[2].rpartition("://")[2]

    def explained(self, error: redis.RedisError) -> FengpingError:
        """The error of ours that tells of *error*."""
        said = str(error)
        where = f"Redis at {self.place}"
        if fault := tls_fault(where, f"{_PREFIX}CA", said, "redis:// for rediss://"):
            return fault
        if isinstance(error, _REFUSED) or "NOAUTH" in said:
            return StoreError(
                f"Redis at {self.place} does not let us in ({said}).",
                remedy=f"Set {_PREFIX}USERNAME and {_PREFIX}PASSWORD in the environment.",
            )
        if isinstance(error, redis.exceptions.OutOfMemoryError | redis.ReadOnlyError) or "MISCONF" in said:
            return StoreDown(
                f"Redis at {self.place} takes nothing more: its memory or disk is full, or it only copies "
                f"another ({said}).",
                remedy="Make room there, or name the server that leads; then run again: nothing is lost.",
            )
        if "unknown command" in said:
            return self._another(said)
        if isinstance(error, redis.ResponseError):
            return StoreError(f"Redis at {self.place} refused ({said}).", remedy=_STARTING)
        return StoreDown(f"The frontier {self.place} does not answer ({said}).", remedy=_STARTING)

    def _another(self, reason: str) -> ConfigError:
        wanted = ".".join(map(str, OLDEST))
        return ConfigError(
            f"What answers at {self.place} is no Redis of version {wanted} or later: {reason}.",
            remedy="Upgrade it, or name another under crawl.frontier in fengping.toml: nothing is lost.",
        )


def connect(url: str) -> Any:
    """A client of the server at *url*, with user, password and authority from the environment.

    Raises :class:`ConfigError` for an address that is none. Nothing is sent before the first question.
    """
    given = {
        "username": secret(f"{_PREFIX}USERNAME"),
        "password": secret(f"{_PREFIX}PASSWORD"),
        "ssl_ca_certs": authority(f"{_PREFIX}CA", "" if url.startswith("rediss:") else "rediss://"),
    }
    further: Any = {name: value for name, value in given.items() if value}
    # Its types tell bytes from text nowhere; here all is bytes.
    try:
        server: Any = Server.from_url(url, socket_timeout=30, socket_connect_timeout=10, **further)
    except ValueError:
        raise ConfigError(
            f"crawl.frontier {masked(url)!r} is no address of a Redis server.",
            remedy="Write redis://host:6379/0.",
        ) from None
    server.url = url
    return server
