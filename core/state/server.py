"""A state database on a PostgreSQL server: its version, who we are, and its errors in our words."""

from __future__ import annotations

import os
import re
from typing import Any

from sqlalchemy import URL, Engine, event

from fengping.credentials import authority, secret, tls_fault
from fengping.errors import ConfigError, Damaged, FengpingError, StoreDown, StoreError

OLDEST = 14
"""The oldest version that is looked after by its makers."""

_PASSWORD = "FENGPING_STATE_PASSWORD"
_CA = "FENGPING_STATE_CA"
_UNKNOWN = re.compile('FATAL: .*(?:role|database) ".*" does not exist')
"""Said by a server that has no such user or database, or not yet."""
_HIDDEN = ("password", "sslpassword")
_LACKS = re.compile(r"\b(?:relation|column|function|type|schema) .* does not exist")
_PATIENCE = {
    "connect_timeout": 10,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A host that drops what is sent to it is away after seconds; the system waits a quarter of an hour."""
_WATCHED = ("tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")
"""Said to the server too: what a machine that is gone has locked is free after seconds, not after hours."""


def prepare(engine: Engine) -> None:
    """Has every connection of *engine* made with the secrets of the environment, to a server that will do."""
    asked = engine.url

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        if not asked.password and (password := secret(_PASSWORD)):
            options["password"] = password
        if trusted := authority(_CA):
            # Of an authority that is named, a server that cannot prove itself is not the one that is meant.
            options.setdefault("sslrootcert", trusted)
            options.setdefault("sslmode", "verify-full")
        for name, value in _PATIENCE.items():
            if not (name == "connect_timeout" and os.environ.get("PGCONNECT_TIMEOUT")):
                options.setdefault(name, value)
        connection = dialect.connect(*arguments, **options)
        version = getattr(getattr(connection, "info", None), "server_version", OLDEST * 10_000)
        if version < OLDEST * 10_000:
            connection.close()
            raise ConfigError(
                f"The state database {shown(asked)} is on PostgreSQL {version // 10_000}; it needs "
                f"{OLDEST} or later.",
                remedy="Upgrade it, or name another under `state` in fengping.toml: nothing is lost.",
            )
        # Not among the options of the connection, of which a pooler between takes none.
        with connection.cursor() as cursor:
            said = (f"SET tcp_{name.removeprefix('tcp_')} = {int(options[name])}" for name in _WATCHED)
            cursor.execute("; ".join(said))
        connection.commit()
        return connection


def shown(url: URL) -> str:
    """*url* without its passwords."""
    hidden = {name: "***" for name in _HIDDEN if name in url.query}
    return url.update_query_dict(hidden).render_as_string()


def explained(url: str, said: str) -> FengpingError:
    """The error of ours for what a server, or the way to it, *said*."""
    if "No space left" in said:
        return StoreDown(
            f"The disk of the state database {url} is full: {said}.",
            remedy="Make room on that server and run again; nothing is lost.",
        )
    if fault := _not_let_in(url, said):
        return fault
    if _LACKS.search(said):
        return lacking(url, said)
    return StoreDown(
        f"The state database {url} cannot be opened: {said}.",
        remedy="Check the path or the server named under `state` in fengping.toml.",
    )


def lacking(url: str, said: str) -> Damaged:
    """The error for a table or column that is not there."""
    return Damaged(
        f"The state database {url} lacks something that this version writes: {said}.",
        remedy="fengping doctor names it; fengping repair adds it.",
    )


def _not_let_in(url: str, said: str) -> FengpingError | None:
    where = f"the state database {url}"
    if fault := tls_fault(where, _CA, said, "an address without sslmode"):
        return fault
    if "root certificate file" in said:
        return StoreError(
            f"The certificate of {where} cannot be judged: {said}.",
            remedy=f"Set {_CA} in the environment to the file of the authority that signed it, or write "
            "&sslrootcert=system for a public one.",
        )
    if "does not match host name" in said:
        return StoreError(
            f"The certificate of {where} was made for another name: {said}.",
            remedy="Write the name that stands in it into the address.",
        )
    if "does not support SSL" in said:
        return StoreError(
            f"The server of {where} speaks no TLS: {said}.",
            remedy=f"Turn `ssl` on there, or drop {_CA} and sslmode.",
        )
    if _UNKNOWN.search(said):
        return StoreError(
            f"The server of {where} does not know us: {said}.",
            remedy="Make both there (createuser NAME, createdb -O NAME NAME), or mend the address.",
        )
    if "too many clients" in said or "connection slots" in said:
        return StoreDown(
            f"The server of {where} takes no further connection: {said}.",
            remedy="Raise max_connections there; each process of fengping takes up to 15. Nothing is lost.",
        )
    if "authentication failed" in said or "no password" in said:
        return StoreError(
            f"The server of {where} does not let us in: {said}.",
            remedy=f"Set {_PASSWORD}, or {_PASSWORD}_FILE, in the environment; the user is in the address.",
        )
    if "no encryption" in said or "SSL off" in said:
        return StoreError(
            f"The server of {where} takes connections by TLS alone: {said}.",
            remedy=f"Set {_CA} in the environment, or write …?sslmode=verify-full.",
        )
    return None
