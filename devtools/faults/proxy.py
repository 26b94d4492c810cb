"""A proxy before an Elasticsearch node that passes requests on until a fault is due at one of them."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from devtools.loopback import Handler, serving

PATIENCE = 120
_LEFT_OUT = ("content-length", "transfer-encoding", "connection")
_PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
_BUSY = (
    b'{"error":{"root_cause":[{"type":"circuit_breaking_exception","reason":"[parent] Data too large"}],'
    b'"type":"circuit_breaking_exception","reason":"[parent] Data too large"},"status":429}'
)


@dataclass(frozen=True)
class Answer:
    """An answer in the place of the node's."""

    body: bytes
    kind: str
    status: int = 200
    named: bool = True
    """True where it says that it comes from Elasticsearch."""


BUSY = Answer(_BUSY, "application/json", 429)
EMPTY = Answer(b"{}", "application/json")
PAGE = Answer(b"<html><body><h1>Welcome</h1></body></html>", "text/html", named=False)


@dataclass(frozen=True)
class Fault:
    """Happens at the request numbered *at*, counted from 1, and at *lasting* requests in all."""

    at: int
    lasting: int
    answer: Answer | None = None
    seconds: float = 0
    """By which each of them is delayed."""
    act: Callable[[], object] | None = None
    """Done once, before the request is passed on, or else before its answer is."""
    answered: bool = False
    """True where the node does what is asked before *act*."""


class Proxy:
    """Its place, the requests it has seen, and the fault that is due."""

    def __init__(self, node: str) -> None:
        self.port, self.node = 0, node
        self.fault: Fault | None = None
        self.seen = 0
        self._lock = threading.Lock()

    @property
    def is_hit(self) -> bool:
        """True once the fault has come."""
        return self.fault is not None and self.seen >= self.fault.at

    def expect(self, fault: Fault | None) -> None:
        """Begins to count anew, for *fault*."""
        with self._lock:
            self.fault, self.seen = fault, 0

    def next(self) -> tuple[Fault | None, bool]:
        """The fault for a request that has come, and whether it is the first with it."""
        with self._lock:
            self.seen += 1
            due = self.fault
            if due is None or not due.at <= self.seen < due.at + due.lasting:
                return None, False
            return due, self.seen == due.at


@contextmanager
def standing(node: str) -> Iterator[Proxy]:
    """A proxy before *node* (``http://host:port``) that ends with the block."""
    proxy = Proxy(node)

    class Passing(Handler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fault, first = proxy.next()
            if fault is not None:
                time.sleep(fault.seconds)
                if fault.answer is not None:
                    self._answer(fault.answer)
                    return
                if first and fault.act is not None and not fault.answered:
                    fault.act()
            passed = self._passed(body)
            if fault is not None and first and fault.act is not None and fault.answered:
                fault.act()
                passed = None
            if passed is None:
                self.close_connection = True  # as a node that died leaves it
                return
            status, headers, given = passed
            self.give(status, [one for one in headers if one[0].lower() not in _LEFT_OUT], given)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        def _passed(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
            connection = http.client.HTTPConnection(urlsplit(proxy.node).netloc, timeout=PATIENCE)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                reply = connection.getresponse()
                return reply.status, reply.getheaders(), reply.read()
            except (OSError, http.client.HTTPException):
                return None
            finally:
                connection.close()

        def _answer(self, answer: Answer) -> None:
            headers = {"Content-Type": answer.kind, **(_PRODUCT if answer.named else {})}
            self.give(answer.status, headers.items(), answer.body)

    with serving(Passing) as proxy.port:
        yield proxy
