"""The sample site: a feed, lists with articles, a JSON API, a social feed that only a browser sees.

Among them what the web has in store: reposts, one article under two addresses, a page cut off before
its text, one that answers 500, one without a date, one in GB18030, a folder that robots.txt forbids.
"""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from fengping.sample.posts import Post, Writer

SEED = 20201111
LIST_PAGES, PER_LIST = 5, 8
API_PAGE, FEED_PAGE = 30, 20
BROKEN, FAILING, UNDATED, GB18030, TWICE = 3, 11, 17, 23, 29
"""Numbers of the articles of the list with something the matter."""

# How the article pages of two invented newspapers are built.
ARTICLE = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="{charset}">
<title>{title} - 沿江晚报网</title></head><body>
<div class="top"><a href="/">沿江晚报网</a> <a href="/list/1.html">消费</a></div>
<h1>{title}</h1><div class="info">{date}<span class="source">来源：沿江晚报</span></div>
<div class="article">{body}<p class="editor">责任编辑：样例</p></div>
<div class="related"><h3>相关新闻</h3><ul><li><a href="/list/1.html">双11消费提示</a></li></ul></div>
<div class="comments"><h3>网友评论</h3><p>前排围观</p></div></body></html>"""

FEED_SHELL = """<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>街坊广场</title></head>
<body><h1>街坊广场</h1><main id="feed"></main><script>
let cursor = 0, busy = false;
async function more() {
  if (busy || cursor === null) return;
  busy = true;
  const answer = await (await fetch('/api/square?cursor=' + cursor)).json();
  for (const post of answer.posts) {
    const box = document.createElement('article');
    box.className = 'post';
    box.innerHTML = `<a class="author" href="/u/${post.user}">${post.user}</a>
      <a class="time" href="/square/${post.id}">${post.time}</a><p class="text"></p>
      <span class="likes">${post.likes}</span>`;
    box.querySelector('.text').textContent = post.text;
    box.style.minHeight = '120px';
    document.getElementById('feed').append(box);
  }
  cursor = answer.next;
  busy = false;
}
addEventListener('scroll', () => {
  if (innerHeight + scrollY >= document.body.scrollHeight - 400) more();
});
more();
</script></body></html>"""


class SampleSite:
    """All pages of the site, each by its path. Immutable; the same for the same seed."""

    @cached_property
    def posts(self) -> dict[str, list[Post]]:
        writer = Writer(SEED)
        drawn = {
            "feed": [writer.news() for _ in range(25)],
            "list": [writer.news() for _ in range(LIST_PAGES * PER_LIST)],
            "desk": [writer.complaint() for _ in range(150)],
            "square": [writer.post() for _ in range(180)],
        }
        return {
            name: writer.with_reposts(of, 0.0 if name in {"feed", "list"} else 0.15)
            for name, of in drawn.items()
        }

    def answer(self, path: str, base: str) -> tuple[int, str, bytes]:
        """Status, content type and body of a path (with its query)."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.strip("/").split("/")
        match steps:
            case ["robots.txt"]:
                return 200, "text/plain", b"User-agent: *\nDisallow: /private/\n"
            case ["feed.xml"]:
                return 200, "application/rss+xml", self._rss(base).encode()
            case ["news", name]:
                return self._article("feed", name)
            case ["list", name]:
                return self._list(name)
            case ["article", name]:
                return self._article("list", name)
            case ["api", "desk"]:
                return 200, "application/json", self._desk(int(query.get("page", "1")))
            case ["square"]:
                return 200, "text/html; charset=utf-8", FEED_SHELL.encode()
            case ["api", "square"]:
                return 200, "application/json", self._square(int(query.get("cursor", "0")))
            case _:
                return 404, "text/plain", b"not found"

    def _rss(self, base: str) -> str:
        items = "".join(
            f"<item><title>{html.escape(post.title)}</title><link>{base}/news/{n}.html</link>"
            f"<pubDate>{format_datetime(post.at)}</pubDate></item>"
            for n, post in enumerate(self.posts["feed"])
        )
        channel = f"<channel><title>样例新闻</title>{items}</channel>"
        return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'

    def _list(self, name: str) -> tuple[int, str, bytes]:
        page = int(name.removesuffix(".html"))
        start = (page - 1) * PER_LIST
        entries = [
            (f"/article/{n}.html", post.title)
            for n, post in enumerate(self.posts["list"])
            if start <= n < start + PER_LIST
        ]
        if page == 1:
            entries.append(("/private/internal.html", "内部通讯"))
        if page == LIST_PAGES:
            entries.append((f"/article/{TWICE}.html?utm_source=square", "专题：直播带货"))
        rows = "".join(f'<li><a href="{link}">{html.escape(title)}</a></li>' for link, title in entries)
        further = f'<a class="next" href="/list/{page + 1}.html">下一页</a>' if page < LIST_PAGES else ""
        body = f'<html><body><ul class="news">{rows}</ul>{further}</body></html>'
        return 200, "text/html; charset=utf-8", body.encode()

    def _article(self, series: str, name: str) -> tuple[int, str, bytes]:
        number = int(name.removesuffix(".html"))
        post = self.posts[series][number]
        special = number if series == "list" else -1
        if special == FAILING:
            return 500, "text/plain", b"internal error"
        if special == BROKEN:
            return 200, "text/html; charset=utf-8", f"<html><head><title>{post.title}".encode()
        date = "" if special == UNDATED else f'<span class="time">{post.at:%Y年%m月%d日 %H:%M}</span>'
        body = "".join(f"<p>{html.escape(line)}</p>" for line in post.text.split("\n"))
        charset = "gb18030" if special == GB18030 else "utf-8"
        page = ARTICLE.format(charset=charset, title=html.escape(post.title), date=date, body=body)
        return 200, "text/html", page.encode(charset)

    def _desk(self, page: int) -> bytes:
        posts = self.posts["desk"][(page - 1) * API_PAGE : page * API_PAGE]
        entries = [
            {
                "id": f"D{post.number}", "content": post.text,
                "createdAt": int(post.at.timestamp() * 1000), "stats": {"likes": post.likes},
                "user": {"id": post.author, "name": post.author},
            }
            for post in posts
        ]  # fmt: skip
        return json.dumps({"code": 0, "data": {"list": entries}}, ensure_ascii=False).encode()

    def _square(self, cursor: int) -> bytes:
        everything = self.posts["square"]
        shown = everything[cursor : cursor + FEED_PAGE]
        further = cursor + FEED_PAGE
        posts = [
            {"id": f"s{post.number}", "user": post.author, "text": post.text, "likes": post.likes,
             "time": f"{post.at:%Y-%m-%d %H:%M}"}
            for post in shown
        ]  # fmt: skip
        answer = {"posts": posts, "next": further if further < len(everything) else None}
        return json.dumps(answer, ensure_ascii=False).encode()


@contextmanager
def serving(site: SampleSite, port: int = 0) -> Iterator[str]:
    """The site on a loopback port (a free one for 0); yields its address ``http://127.0.0.1:…``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, kind, body = site.answer(self.path, f"http://{self.headers['Host']}")
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
