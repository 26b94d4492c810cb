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

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All IPv6 that is given out; 64:ff9b:1::/48 (NAT64 of one network) lies outside."""
_ENDS_IN_IPV4 = [
    ipaddress.IPv6Network(f"{prefix}/96") for prefix in ("::", "::ffff:0:0", "::ffff:0:0:0", "64:ff9b::")
]
"""IPv4-compatible, IPv4-mapped, IPv4-translated, NAT64."""
_RESERVED = ipaddress.IPv4Network("192.88.99.0/24"), ipaddress.IPv6Network("3fff::/20")
"""Relays of 6to4 that are no more, and addresses of examples: nobody publishes there."""
_ISATAP = {0x5EFE, 0x200_5EFE}


class NotPublic(OSError):
    """A host has no public address."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} has no public address")


def is_public(address: str) -> bool:
    """True if an IP address (no name) is one of the public internet, and so is all that it embeds."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if any(ip in network for network in _RESERVED):
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if inner := _embedded(ip):
        return all(is_public(str(one)) for one in inner)
    return ip in _GLOBAL_UNICAST and ip.is_global


def _embedded(ip: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if ip.teredo:
        return ip.teredo
    if ip.sixtofour:
        return (ip.sixtofour,)
    if any(ip in network for network in _ENDS_IN_IPV4) or int(ip) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return (ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF),)
    return ()


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
            raise NotPublic(host)
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
