"""The proxy of the browser on bare sockets: what it connects to, passes on and refuses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.site.server import Handler, Reply, Site, serve

from fengping.spiders.framework import FilteringProxy, NotPublic, Proxy, addresses


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        running.pages["/a?b"] = Reply("page")
        yield running


def answered(proxy: FilteringProxy, *sent: str) -> str:
    """What the proxy answers before it closes the connection."""
    parts, read = urlsplit(proxy.url), b""
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
        for text in sent:
            client.sendall(text.encode())
        while part := client.recv(65_536):
            read += part
    return read.decode()


def get(url: str, further: str = "") -> str:
    return (
        f"GET {url} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nProxy-Connection: keep-alive\r\n{further}\r\n"
    )


def test_pages_are_passed_on_and_so_are_tunnels(site: Site) -> None:
    with FilteringProxy(lambda host: True) as proxy:
        assert answered(proxy, get(site.url("/a?b"), "X-Key: 1\r\n")).endswith("page")
        assert {"Connection": "close", "X-Key": "1"}.items() <= site.headers["/a?b"].items()
        assert "Proxy-Connection" not in site.headers["/a?b"]
        tunnel = answered(proxy, f"CONNECT 127.0.0.1:{site.port} HTTP/1.1\r\n\r\nGET /a?b HTTP/1.0\r\n\r\n")
        assert tunnel.startswith("HTTP/1.1 200") and tunnel.endswith("page")
        assert proxy.refused == {}


def test_a_body_is_passed_on_and_a_second_request_is_not(site: Site) -> None:
    bodies = []

    def keep(handler: Handler) -> Reply:
        bodies.append(handler.rfile.read(6))
        return Reply("kept")

    site.pages["/post"] = keep
    head = get(site.url("/post"), "Content-Length: 6\r\n").replace("GET", "POST")
    with FilteringProxy(lambda host: True) as proxy:
        assert "kept" in answered(proxy, f"{head}abc", "def")
        answered(proxy, f"{head}abcdef{get(site.url('/other'))}")
    assert bodies[0] == b"abcdef" and site.asked("/other") == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]", "[::127.0.0.1]"])
def test_a_private_address_is_refused_in_every_spelling(site: Site, host: str) -> None:
    with FilteringProxy(lambda host: False) as proxy:
        assert answered(proxy, get(site.url("/a?b", host))) == ""
        assert answered(proxy, f"CONNECT {host}:{site.port} HTTP/1.1\r\n\r\n").startswith("HTTP/1.1 502")
        assert proxy.refused == {host.strip("[]"): 2}
        assert isinstance(proxy.fault(site.url("/", host)), NotPublic)
    assert site.requests == []


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads to another address at each look-up."""
    answers = ["127.0.0.2", "127.0.0.1"]

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    with serve("127.0.0.2") as outer, FilteringProxy(lambda host: False) as proxy:
        outer.pages["/"] = Reply("public")
        monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.2")
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        url = outer.url("/", "rebind.example")
        monkeypatch.setattr(socket, "create_connection", _connect)
        assert answered(proxy, get(url)).endswith("public") and answers == ["127.0.0.1"]
        assert answered(proxy, get(url)) == "" and proxy.refused == {"rebind.example": 1}


def _connect(address: tuple[str, int], timeout: float) -> socket.socket:
    client = socket.socket()
    client.settimeout(timeout)
    client.connect(address)
    return client


def test_behind_another_proxy_hosts_are_judged_by_their_names(site: Site) -> None:
    url = "http://news.example.com/a"
    site.pages[url] = Reply("through")
    with FilteringProxy(lambda host: False, Proxy(site.url("").rstrip("/"), "some", "secret")) as proxy:
        assert answered(proxy, get(url)).endswith("through")
        assert site.headers[url]["Proxy-Authorization"].startswith("Basic ")
        assert answered(proxy, get("http://db.internal/")) == "" and proxy.refused == {"db.internal": 1}
    assert site.requests == [url]


def test_the_proxy_behind_gets_no_request_that_was_not_judged() -> None:
    """A second request in the same piece, which a server that keeps connections open would answer."""
    with socket.create_server(("127.0.0.1", 0)) as behind:
        upstream = Proxy(f"http://127.0.0.1:{behind.getsockname()[1]}")
        with FilteringProxy(lambda host: False, upstream) as proxy:
            parts, read = urlsplit(proxy.url), b""
            with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
                client.sendall((get("http://news.example.com/a") + get("http://127.0.0.1/secret")).encode())
                client.shutdown(socket.SHUT_WR)
                connection, _ = behind.accept()
                with connection:
                    while part := connection.recv(65_536):
                        read += part
    assert read.startswith(b"GET http://news.example.com/a ") and b"secret" not in read


def test_what_is_no_request_for_a_proxy_is_closed(site: Site) -> None:
    with FilteringProxy(lambda host: True) as proxy:
        for text in (
            get("/a?b"),
            "\r\n\r\n",
            "GET ftp://127.0.0.1/ HTTP/1.1\r\n\r\n",
            "CONNECT x:y z\r\n\r\n",
        ):
            assert answered(proxy, text) == ""
        assert answered(proxy, get(site.url("/a?b"))).endswith("page")
