"""Servers of long ago, as far as a client asks them before it gives up: no more than their greeting."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class OldKafka(socketserver.StreamRequestHandler):
    """A broker of version 0.10, which knows no way to make topics."""

    CALLS: ClassVar = ((0, 0, 2), (1, 0, 2), (2, 0, 0), (3, 0, 1), (18, 0, 0))
    """Number of each kind of request, with its oldest and newest version."""

    def handle(self) -> None:
        while head := self.rfile.read(4):
            body = self.rfile.read(struct.unpack(">i", head)[0])
            kind, version, number = struct.unpack(">hhi", body[:8])
            answer = self._versions(version) if kind == 18 else self._brokers()
            self.wfile.write(struct.pack(">ii", len(answer) + 4, number) + answer)

    def _versions(self, version: int) -> bytes:
        calls = b"".join(struct.pack(">hhh", *call) for call in self.CALLS)
        return struct.pack(">hi", 35 if version else 0, len(self.CALLS)) + calls

    def _brokers(self) -> bytes:
        host = b"127.0.0.1"
        port = self.server.server_address[1]  # type: ignore[index]
        broker = struct.pack(">iih", 1, 1, len(host)) + host + struct.pack(">ih", port, -1)
        return broker + struct.pack(">ii", 1, 0)


class OldPostgres(socketserver.StreamRequestHandler):
    """A server of version 9.2, which lets everyone in."""

    def handle(self) -> None:
        while (length := struct.unpack(">i", self.rfile.read(4))[0]) == 8:
            self.rfile.read(length - 4)
            self.wfile.write(b"N")  # no TLS
        self.rfile.read(length - 4)
        said = (b"server_version\x009.2.24\0", b"client_encoding\0UTF8\0")
        for kind, data in (
            (b"R", bytes(4)),
            *((b"S", pair) for pair in said),
            (b"K", bytes(8)),
            (b"Z", b"I"),
        ):
            self.wfile.write(kind + struct.pack(">i", len(data) + 4) + data)
        self.rfile.read()


class OldRedis(socketserver.StreamRequestHandler):
    """A server of version 4, which knows no greeting."""

    def handle(self) -> None:
        while head := self.rfile.readline():
            words = [self._word() for _ in range(int(head[1:]))]
            if words[0].upper() == b"INFO":
                told = b"redis_version:4.0.9\r\n"
                self.wfile.write(b"$%d\r\n%s\r\n" % (len(told), told))
            else:
                self.wfile.write(b"-ERR unknown command '%s'\r\n" % words[0])

    def _word(self) -> bytes:
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:length]


@contextmanager
def answering(kind: type[socketserver.StreamRequestHandler]) -> Iterator[str]:
    """``127.0.0.1:PORT`` of such a server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        server.block_on_close = False
        server.request_queue_size = socket.SOMAXCONN
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
