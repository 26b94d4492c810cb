"""Servers that keep no rules: what Scrapy's own handler reads of them, ours reads too."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.site.homes import ends, journaled, list_source, make_home
from tests.site.server import article, list_page

from fengping.spiders import crawl

_HEADS = {
    "two-lengths": "Content-Length: {size}\r\nContent-Length: {size}\r\n",
    "length-and-chunks": "Content-Length: {size}\r\nTransfer-Encoding: chunked\r\n",
    "no-colon": "X-Powered by nothing\r\nContent-Length: {size}\r\n",
    "gbk": "X-Site: 样例网\r\nContent-Length: {size}\r\n",
    "long": "Set-Cookie: a=" + 12_000 * "a" + "\r\nContent-Length: {size}\r\n",
    "many": "".join(f"X-{n}: {n}\r\n" for n in range(200)) + "Content-Length: {size}\r\n",
    "no-length": "Connection: close\r\n",
    "line-feeds": "Content-Length: {size}\n\n",
}
_STRICT_REFUSES = {"two-lengths", "length-and-chunks", "no-colon"}


class _Odd(socketserver.StreamRequestHandler):
    """``/list`` names a page of each kind, each on an address of its own; no answer is without fault."""

    server: _Server

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode().strip("/")
        while self.rfile.readline().strip():
            pass
        self.server.asked[path] += 1
        host = self.server.server_address[0]
        if path == "robots.txt":
            self._answer("Content-Length: 0\r\n\r\n", b"", "404 Not Found")
        elif path == "list":
            links = {
                f"http://127.0.0.{n}:{self.server.server_address[1]}/{name}": f"样例第{n}条"
                for n, name in enumerate(_HEADS, start=2)
            }
            body = list_page(links).encode()
            self._answer(f"Content-Length: {len(body)}\r\n\r\n", body)
        else:
            body = article(f"样例第{host}条", f"{path}买完不让换").encode()
            head = _HEADS[path].format(size=len(body))
            if "chunked" in head:
                body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
            self._answer(head if head.endswith("\n\n") else f"{head}\r\n", body)

    def _answer(self, head: str, body: bytes, status: str = "200 OK") -> None:
        first = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
        self.wfile.write((first + head).encode("gbk") + body)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int, asked: Counter[str]) -> None:
        self.asked = asked
        super().__init__((host, port), _Odd)


@pytest.fixture
def asked() -> Iterator[tuple[int, Counter[str]]]:
    """The port of such servers on 127.0.0.1 and the addresses after it, and what they were asked for."""
    counts: Counter[str] = Counter()
    servers = [_Server("127.0.0.1", 0, counts)]
    port = servers[0].server_address[1]
    servers += [_Server(f"127.0.0.{n}", port, counts) for n in range(2, 2 + len(_HEADS))]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield port, counts
    for server in servers:
        server.shutdown()
        server.server_close()


def test_pages_of_servers_that_keep_no_rules_are_read(
    asked: tuple[int, Counter[str]], tmp_path: Path
) -> None:
    port, counts = asked
    hosts = [f"127.0.0.{n}" for n in range(1, 2 + len(_HEADS))]
    source = list_source(f"http://127.0.0.1:{port}/list", f"allowed_domains = {hosts}")
    home = make_home(tmp_path / "home", odd=source)

    [result] = crawl(home)

    assert ends(result) == {"listed": 1, "stored": len(_HEADS)}, result
    texts = "".join(document.text for document in journaled(home))
    assert all(name in texts for name in _HEADS)
    # Each once, but for those that the strict client gave up.
    assert {name: counts[name] for name in _HEADS} == {
        name: 2 if name in _STRICT_REFUSES else 1 for name in _HEADS
    }


def _certificate(folder: Path) -> Path:
    """A key and a certificate that nobody but the server itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "news.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    plain = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(plain + made.public_bytes(encoding))
    return file


def test_a_site_is_read_over_https_whoever_vouches_for_it(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    server = _Server("127.0.0.1", 0, Counter())
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    home = make_home(
        tmp_path / "home", news=list_source(f"https://127.0.0.1:{server.server_address[1]}/list")
    )
    try:
        [result] = crawl(home)
    finally:
        server.shutdown()
        server.server_close()
    assert server.asked["list"] == 1 and ends(result)["listed"] == 1, result
