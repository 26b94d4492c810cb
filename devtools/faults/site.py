"""A site on loopback for crawls under trial: a list and its pages, slow enough for faults between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devtools.loopback import HTML, Handler, serving

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

    def __init__(self) -> None:
        self.url = ""
        self.on_page: Callable[[int], object] = lambda number: None
        self.asked = 0


@contextmanager
def serve() -> Iterator[Site]:
    """A site that ends with the block."""
    lock, site = threading.Lock(), Site()

    class Pages(Handler):
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
            self.give(status, HTML, text.encode())

    with serving(Pages) as port:
        site.url = f"http://127.0.0.1:{port}/"
        yield site
