"""Connections whose request head stays unfinished are closed; those that ask are answered."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from fengping.home import Home
from fengping.web import serving
from fengping.web.heads import Heads

WHOLE = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = WHOLE[:-2]


@pytest.fixture
def port(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(Heads, "seconds", 0.3)
    bound = serving.bind(home, "127.0.0.1", 0)
    server = uvicorn.Server(bound.config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]})
    thread.start()
    yield bound.socket.getsockname()[1]
    server.should_exit = True
    thread.join()


def left(asking: socket.socket) -> bytes:
    """What comes until the server closes; it never ends where that keeps the connection."""
    found = b""
    while data := asking.recv(65536):
        found += data
    return found


@pytest.mark.parametrize("begun", [b"", HALF])
def test_an_unfinished_head_ends_the_connection(port: int, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(begun)
        assert left(asking) == b""


def test_bytes_that_trickle_win_no_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=0.1) as asking:
        asking.sendall(HALF)
        for _ in range(300):
            try:
                asking.sendall(b"x")
                assert asking.recv(1) == b""
                return
            except TimeoutError:
                continue
            except ConnectionError:
                return
    pytest.fail("it was kept for half a minute")


def test_what_follows_an_answer_has_its_own_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as asking:
        asking.sendall(WHOLE)
        assert asking.recv(65536).startswith(b"HTTP/1.1 200")
        asking.sendall(HALF)
        assert b"HTTP/1.1" not in left(asking)
