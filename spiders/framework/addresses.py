"""Address filter: public addresses may be fetched, others only where the home or the source allows it.

The check stands where a name becomes an address, so that a host which resolves to 127.0.0.1, a redirect
to one, ``http://2130706433/`` and a name whose address changes between two look-ups are all refused:
the addresses that pass are the very ones that are connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Self

from aiohttp import ThreadedResolver
from aiohttp.abc import ResolveResult
from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import provider

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """True if an IP address (no name) is one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def resolves_to_public(host: str) -> bool:
    """True if every address of *host* is public; also where it has none, which whoever asks it will find."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_public(str(address[4][0])) for address in found)


refused_hosts: set[str] = set()
"""Hosts of this process that resolved to refused addresses only. One process crawls one source."""


@provider(IResolutionReceiver)
class _PublicOnly:
    """Passes on public addresses and drops the others."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._dropped = self._passed = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_public(address.host):
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._dropped = True

    def resolutionComplete(self) -> None:
        if self._dropped and not self._passed:
            refused_hosts.add(self._host)
        self._receiver.resolutionComplete()


class PublicOnlyResolver(CachingHostnameResolver):
    """Scrapy's caching resolver, giving out public addresses only (``TWISTED_DNS_RESOLVER``).

    ``FENGPING_ALLOW_PRIVATE`` of the process's settings lets all pass.
    """

    def __init__(self, reactor: Any, cache_size: int, allow_private: bool) -> None:
        super().__init__(reactor, cache_size)
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        settings = crawler.settings
        # With a proxy its own host alone is looked up here; targets are judged by their names.
        private = settings.getbool("FENGPING_ALLOW_PRIVATE") or settings.get("FENGPING_PROXY") is not None
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), private)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        receiver: Any = resolutionReceiver
        if not self._allow_private:
            receiver = _PublicOnly(resolutionReceiver, hostName)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


class PublicNames(ThreadedResolver):
    """The same for aiohttp: names to public addresses; with *allow_private*, to all."""

    def __init__(self, allow_private: bool) -> None:
        super().__init__()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        if self._allow_private:
            return found
        public = [result for result in found if is_public(result["host"])]
        if found and not public:
            refused_hosts.add(host)
            raise OSError(f"{host} has no public address")
        return public


def refuses(host: str) -> bool:
    """True if *host* is written as an address, and one that is not public: such are never looked up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    if is_public(host):
        return False
    refused_hosts.add(host)
    return True
