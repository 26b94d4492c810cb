"""Ways to the engines of a deployment: their hosts, and their secrets from the environment or a file."""

from __future__ import annotations

import os
import re
from pathlib import Path

from fengping.errors import ConfigError, StoreError


def secret(name: str) -> str:
    """The value of the variable *name*, or the content of the file that ``NAME_FILE`` names; else empty."""
    if path := os.environ.get(f"{name}_FILE"):
        return _content(f"{name}_FILE", path).strip()
    return os.environ.get(name, "")


def login(prefix: str) -> tuple[str, str]:
    """``PREFIX_USERNAME`` and ``PREFIX_PASSWORD``, both empty where none is set.

    Raises :class:`ConfigError` where one is set without the other.
    """
    given = {name: secret(name) for name in (f"{prefix}USERNAME", f"{prefix}PASSWORD")}
    lacking = [name for name, value in given.items() if not value]
    if len(lacking) == 1:
        (there,) = given.keys() - lacking
        raise ConfigError(
            f"{there} is set, but {lacking[0]} is not.",
            remedy=f"Set {lacking[0]}, or {lacking[0]}_FILE, in the environment.",
        )
    user, password = given.values()
    return user, password


def hosts(said: str, port: int) -> list[str]:
    """The hosts of an address that names them with commas between, each with its port, else with *port*.

    Raises :class:`ConfigError` for what is neither a name nor a number, and a port that is none.
    """
    found = []
    for one in said.split(","):
        parts = re.fullmatch(r"(\[[^\[\]\s]+\]|[^\[\]:：\s]+)(?::([0-9]{1,5}))?", one)
        if parts is None or not 0 < int(parts[2] or port) < 65_536:
            raise ConfigError(
                f"{one!r} is no host with a port.", remedy="Write HOST:PORT, the port in digits."
            )
        found.append(f"{parts[1]}:{parts[2] or port}")
    return found


def authority(name: str, instead: str = "") -> str:
    """Path of the certificates to trust, which ``NAME`` or ``NAME_FILE`` gives; empty for the system's own.

    *instead*: the beginning of an address with TLS, where the one in use is without. Raises
    :class:`ConfigError` where one is named all the same, and for a file that holds none.
    """
    variable = f"{name}_FILE" if os.environ.get(f"{name}_FILE") else name
    path = os.environ.get(variable, "")
    if path and instead:
        raise ConfigError(
            f"{variable} is set, but the address is without TLS.",
            remedy=f"Write {instead}, or take the variable away.",
        )
    if path and "BEGIN CERTIFICATE" not in _content(variable, path):
        raise ConfigError(
            f"{variable} names {path}, which holds no certificate.",
            remedy="Give it the authority's certificate in PEM (-----BEGIN CERTIFICATE-----).",
        )
    return path


def tls_fault(where: str, name: str, said: str, plain: str) -> StoreError | None:
    """The error of ours where *said* tells of TLS; ``None`` where it tells of something else.

    *name*: the variable that names the authority; *plain*: the address's beginning without TLS.
    """
    lowered = said.lower().replace("_", " ")
    if "certificate" in lowered and "expired" in lowered:
        return StoreError(
            f"The certificate of {where} has run out ({said}).",
            remedy=f"Renew it on the server, and the file that {name} names where that is what ran out; "
            "see that this machine's clock is right.",
        )
    # The second: an authority of the same name was made anew.
    if "certificate verify failed" in lowered or "signature failure" in lowered:
        return StoreError(
            f"The certificate of {where} is not trusted here ({said}).",
            remedy=f"Set {name} in the environment to the file of the authority that signed it, and see that "
            "it has not run out and the address is the one it was made for.",
        )
    if "wrong version number" in lowered or "record layer failure" in lowered:
        return StoreError(
            f"There is no TLS at that port of {where} ({said}).",
            remedy=f"Name the port that does, or write {plain} in fengping.toml.",
        )
    return None


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"{variable} cannot be read: {error.strerror}.",
            remedy=f"Put the file at {path}, readable by this user, or mend {variable}.",
        ) from None
