"""Proxy that asks for a crawl, and the check of names that then stands for that of addresses."""

from __future__ import annotations

import base64
import ipaddress
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from fengping.config import CrawlConfig
from fengping.errors import ConfigError
from fengping.spiders.framework.addresses import is_public
from fengping.spiders.sources.model import Source

_INNER = (
    ".local", ".localdomain", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp", ".home.arpa",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy; name and password apart from the address, so that no log shows them."""

    url: str
    user: str = ""
    password: str = ""

    @property
    def authorization(self) -> str:
        """The value of ``Proxy-Authorization``; empty where no name is known."""
        if not self.user:
            return ""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


def proxy_of(
    source: Source | None, crawl: CrawlConfig, environment: Mapping[str, str] = os.environ
) -> Proxy | None:
    """The proxy of a source, or of the home where none is meant; ``None`` where none is set.

    Raises :class:`ConfigError` for a variable that is not set, what is no address of a proxy, and a password
    that stands in a source file.
    """
    own = source.proxy if source else None
    where = "crawl.proxy" if source is None or own is None else f"proxy of {source.name}"
    written = crawl.proxy if own is None else own
    if not written:
        return None
    said = written
    if written.startswith("env:"):
        said = environment.get(written.removeprefix("env:"), "")
        if not said:
            raise ConfigError(f"{where} names {written}, which is not set.", remedy="Set the variable.")
    remedy = "Write http://HOST:PORT, or env:NAME of a variable with http://USER:PASSWORD@HOST:PORT."
    try:
        parts = urlsplit(said)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or port is None or parts.scheme != "http":
        raise ConfigError(f"{where} is no address of a proxy.", remedy=remedy)
    if parts.password and said == own:
        raise ConfigError(f"{where} holds a password.", remedy=remedy)
    shown = f"[{host}]" if ":" in host else host
    return Proxy(f"http://{shown}:{port}", unquote(parts.username or ""), unquote(parts.password or ""))


def is_public_name(host: str) -> bool:
    """True if a host is one of the public internet by its name: the proxy looks it up, not we."""
    name = host.rstrip(".").lower()
    if "%" in name:
        return False  # the proxy may read the escapes
    try:
        return is_public(name)
    except ValueError:
        pass
    try:
        # 2130706433 and 0x7f.1 are addresses as well.
        return is_public(str(ipaddress.IPv4Address(socket.inet_aton(name))))
    except OSError:
        return "." in name and not name.endswith(_INNER)
