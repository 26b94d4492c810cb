"""Small HTTP servers on loopback, for what is measured and tried."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = (("Content-Type", "text/html; charset=utf-8"),)


class Handler(BaseHTTPRequestHandler):
    """Answers with whole bodies over connections that stay open, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def give(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Sends an answer; *headers* without the length."""
        with suppress(OSError):  # whoever asked may be dead
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(handler: type[Handler]) -> Iterator[int]:
    """The port of a server that answers by *handler* and ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
