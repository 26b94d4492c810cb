"""A small site on loopback for crawl tests: pages by path, requests recorded, ends with the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0


Route = Reply | Callable[["Handler"], Reply]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        self.site.requests.append(self.path)
        self.site.headers[self.path] = dict(self.headers)
        found = self.site.pages.get(self.path, Reply("not here", 404))
        reply = found(self) if callable(found) else found
        if reply.wait:
            self.site.released.wait(reply.wait)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        headers = {"Content-Type": "text/html; charset=utf-8"} | dict(reply.headers)
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if reply.status != 304:
            self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


class Site:
    """``site.pages[path] = Reply(…)``; ``site.url(path)``; ``site.requests`` in order of arrival."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[str, Route] = {}
        self.requests: list[str] = []
        self.headers: dict[str, dict[str, str]] = {}
        self.released = threading.Event()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self, path: str) -> int:
        return self.requests.count(path)


@contextmanager
def serve(host: str = "127.0.0.1") -> Iterator[Site]:
    handler = type("Bound", (Handler,), {})
    server = ThreadingHTTPServer((host, 0), handler)
    server.daemon_threads = True
    site = handler.site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.released.set()
        server.shutdown()
        server.server_close()


def article(title: str, text: str, when: str = "2020-11-11 20:00:00", extra: str = "") -> str:
    """An article page; *text* is repeated into two paragraphs that no other page shares."""
    paragraphs = "".join(f"<p>{title}的第{n}段：{text}，消费者表示需要等待平台的答复。</p>" for n in (1, 2))
    date = f'<span class="date">{when}</span>' if when else ""
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{date}"
        f'<div class="content">{paragraphs}</div>{extra}</body></html>'
    )


def list_page(links: Mapping[str, str], following: str = "") -> str:
    """A list of links (path → title), with a link to the next page where one is named."""
    items = "".join(f'<li><a href="{path}">{title}</a></li>' for path, title in links.items())
    more = f'<a class="next" href="{following}">下一页</a>' if following else ""
    return f'<html><body><ul class="news">{items}</ul>{more}</body></html>'


def feed(items: Mapping[str, str], when: str = "Wed, 11 Nov 2020 20:00:00 +0800") -> str:
    """An RSS feed of links (URL → title)."""
    entries = "".join(
        f"<item><title>{title}</title><link>{url}</link><pubDate>{when}</pubDate>"
        f"<description>{title}的摘要</description></item>"
        for url, title in items.items()
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{entries}</channel></rss>'
