"""A site on loopback for crawls under trial: a list and its pages, slow enough for faults between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGES = 24
_WAIT = 0.05
_PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    '<span class="date">2020-11-11 {n:02}:00:00</span><div class="content">'
    "<p>{title}的第一段：承诺的赠品没有寄到，消费者表示需要等待平台的答复。</p>"
    "<p>{title}的第二段：主播在直播间说过的话不算数，客服让消费者再等{n}天。</p></div></body></html>"
)


class Site:
    """Its place, and the function that is called with the number of each page asked for."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/"
        self.on_page: Callable[[int], object] = lambda number: None
        self.asked = 0


@contextmanager
def serve() -> Iterator[Site]:
    """A site that ends with the block."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = self.path.removeprefix("/p").removesuffix(".html")
            status = 200
            if self.path == "/":
                items = (f'<li><a href="/p{n}.html">第{n}条消息</a></li>' for n in range(PAGES))
                text = f"<html><body><ul>{''.join(items)}</ul></body></html>"
            elif number.isdecimal():
                with lock:
                    site.asked += 1
                    asked = site.asked
                site.on_page(asked)
                time.sleep(_WAIT)
                text = _PAGE.format(title=f"第{number}条消息", n=int(number))
            else:
                status, text = 404, "not here"
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
