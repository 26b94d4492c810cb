"""HTTP proxy on loopback through which a browser reaches public addresses only.

A browser follows redirects, opens WebSockets and looks names up where no interception sees it. Behind this
proxy it looks nothing up: each name is resolved here once, and the address that was checked is the one that
is connected to. The proxy runs in a thread of its own, so that no busy reactor holds a page up.
"""

from __future__ import annotations

import asyncio
import errno
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from fengping.spiders.framework.addresses import NotPublic, PublicNames
from fengping.spiders.framework.proxies import Proxy, is_public_name

_CONNECTING = 10
"""Seconds that one address of a host has to take a connection."""
_CLOSING = 5
_LARGEST_HEAD = 1 << 18
_BLOCK = 1 << 16
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_OF_ONE_HOP = re.compile(rb"(?im)^(?:connection|keep-alive|proxy-[\w-]+):.*\n")

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FilteringProxy:
    """Connects to public hosts, and to those that *allows_private* names; a context manager that serves.

    With an *upstream* proxy, which looks names up, hosts are judged by their names.
    """

    def __init__(self, allows_private: Callable[[str], bool], upstream: Proxy | None = None) -> None:
        self._allows_private = allows_private
        self._upstream = upstream
        self.refused: Counter[str] = Counter()
        """Connections refused, by host, because its address is not public."""
        self._faults: dict[str, OSError] = {}
        self.url = ""

    def __enter__(self) -> Self:
        bound: Future[int] = Future()
        self._thread = Thread(target=lambda: asyncio.run(self._serve(bound)), name="proxy", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{bound.result()}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(_CLOSING)

    def fault(self, url: str) -> OSError | None:
        """Why the last connection to the host of *url* failed; :class:`NotPublic` where it was refused."""
        return self._faults.get(urlsplit(url).hostname or "")

    async def _serve(self, bound: Future[int]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        except OSError as error:
            bound.set_exception(error)
            return
        bound.set_result(server.sockets[0].getsockname()[1])
        await self._ended.wait()
        server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one request of the browser: a connection carries no second one to another host."""
        try:
            head, begun = await _read_head(reader)
            method, target, _ = head.split(b"\n", 1)[0].decode("ascii").split()
            parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
            host, port = parts.hostname or "", parts.port or 80
            if method != "CONNECT" and parts.scheme != "http":
                raise ValueError(f"{target} is no address for a proxy")
            try:
                server = await self._connect(host, port)
                self._faults.pop(host, None)
            except OSError as error:
                self._note(host, error)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
                return  # a page of ours would look like an answer of the site
            if method == "CONNECT" and self._upstream is None:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                server[1].write(self._forwarded(head, method, target))
            await _relay((reader, writer), server, begun, None if method == "CONNECT" else _length(head))
        except (OSError, ValueError):
            pass  # the browser closed the connection, or spoke no HTTP
        finally:
            writer.close()

    async def _connect(self, host: str, port: int) -> Streams:
        """A connection to a host or to the upstream proxy. Raises ``OSError``, such as :class:`NotPublic`."""
        private = self._allows_private(host)
        if self._upstream is not None:
            if not private and not is_public_name(host):
                raise NotPublic(host)
            upstream = urlsplit(self._upstream.url)
            return await asyncio.open_connection(upstream.hostname, upstream.port)
        fault: OSError = OSError(f"{host} has no address")
        # IPv4 first: many networks announce an IPv6 that leads nowhere.
        for found in sorted(await PublicNames(private).resolve(host, port), key=lambda one: one["family"]):
            try:
                async with asyncio.timeout(_CONNECTING):
                    return await asyncio.open_connection(found["host"], port)
            except TimeoutError:
                fault = OSError(
                    errno.EHOSTUNREACH, f"{host} takes no connection within {_CONNECTING} seconds"
                )
            except OSError as error:
                fault = error
        raise fault

    def _note(self, host: str, error: OSError) -> None:
        self._faults[host] = error
        if isinstance(error, NotPublic):
            self.refused[host] += 1

    def _forwarded(self, head: bytes, method: str, target: str) -> bytes:
        """The head of a request for the next server, which is asked to close the connection."""
        _, _, fields = head.partition(b"\n")
        further = "" if method == "CONNECT" else "Connection: close\r\n"
        if self._upstream is None:
            target = "/" + target.partition("://")[2].partition("/")[2]
        elif self._upstream.authorization:
            further += f"Proxy-Authorization: {self._upstream.authorization}\r\n"
        return f"{method} {target} HTTP/1.1\r\n{further}".encode("ascii") + _OF_ONE_HOP.sub(b"", fields)


async def _read_head(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A request's head with its blank line, and what has come behind it. Raises ``ValueError`` for none."""
    read = b""
    while not (end := _BLANK_LINE.search(read)):
        part = await reader.read(_BLOCK)
        if not part or len(read) > _LARGEST_HEAD:
            raise ValueError("no request")
        read += part
    return read[: end.end()], read[end.end() :]


def _length(head: bytes) -> int:
    """Bytes of the body of a request."""
    found = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    return int(found[1]) if found else 0


async def _relay(client: Streams, server: Streams, begun: bytes, length: int | None) -> None:
    """Passes bytes on both ways until one side ends; from the client *length* at most, with *begun*."""

    async def up() -> None:
        await _copy(client[0], server[1], None if length is None else length - len(begun))
        # Whatever comes now is another request, perhaps to another host; browsers send it again elsewhere.
        await client[0].read(1)

    server[1].write(begun[:length])
    ways = {asyncio.ensure_future(up()), asyncio.ensure_future(_copy(server[0], client[1], None))}
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in done:
            way.result()
    finally:
        for way in ways:
            way.cancel()
        server[1].close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, length: int | None) -> None:
    """Copies *length* bytes, or all that come."""
    while length is None or length > 0:
        part = await source.read(_BLOCK if length is None else min(_BLOCK, length))
        if not part:
            return
        target.write(part)
        await target.drain()
        if length is not None:
            length -= len(part)
