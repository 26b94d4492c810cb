"""Filter for the requests that a rendered page makes."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fengping.spiders.framework.addresses import is_public
from fengping.spiders.framework.proxies import is_public_name


@dataclass
class Guard:
    """Blocks kinds of resources, and hosts without a public address.

    Chromium looks a name up again itself, so a name that changes its address in between passes; what it
    can reach so is bounded by what a page's script may read of another host.
    """

    block: frozenset[str] = frozenset({"image", "media", "font"})
    allow_private: bool = False
    by_name: bool = False
    """True if a proxy looks names up, so that they are judged as they are written."""
    refused: set[str] = field(default_factory=set)
    """Hosts that were refused for their address."""
    _known: dict[str, bool] = field(default_factory=dict)

    async def passes(self, url: str, kind: str) -> bool:
        """True if a request for *url* of a resource *kind* (Playwright's names) may be sent."""
        parts = urlsplit(url)
        if parts.scheme in {"data", "blob", "about"}:
            return True
        if kind in self.block or parts.scheme not in {"http", "https", "ws", "wss"}:
            return False
        return self.allow_private or await self._public(parts.hostname or "")

    async def _public(self, host: str) -> bool:
        if self.by_name and host not in self._known:
            self._known[host] = is_public_name(host)
            if not self._known[host]:
                self.refused.add(host)
        if host not in self._known:
            try:
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except OSError:
                return True  # no such host: Chromium says so itself
            self._known[host] = all(is_public(str(address[4][0])) for address in found)
            if not self._known[host]:
                self.refused.add(host)
        return self._known[host]
