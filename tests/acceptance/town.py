"""The sites of the story on loopback: a paper's list, a feed, a scrolling page, each as of a moment."""

from __future__ import annotations

import html
import json
from datetime import datetime
from email.utils import format_datetime

from tests.acceptance.story import PAPER, WIRE, Text
from tests.site.server import Reply, Site

from fengping.sample.site import FEED_SHELL

SCROLL = 20
ARTICLE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title} - {place}</title></head>
<body><div class="top"><a href="/">{place}</a></div><h1>{title}</h1><div class="info">{date}</div>
<div class="article">{body}</div></body></html>"""
LIST = """
title = "临江晚报"
kind = "list"
urls = ["{base}/paper/"]
channel = "news"
site = "临江晚报"
[selectors]
items = "ul.news > li"
[selectors.item]
link = "a::attr(href)"
title = "a"
"""
FEED = """
title = "江畔消费网"
kind = "rss"
urls = ["{base}/wire.xml"]
channel = "news"
site = "江畔消费网"
"""
FIELDS = """channel = "weibo"
platform = "街坊广场"
detail = false
"""
SCROLLED = f"""
title = "街坊广场"
kind = "browser"
urls = ["{{base}}/square"]
{FIELDS}
[browser]
wait_for = "article.post"
max_scrolls = 40
scroll_pause = 0.1
[selectors]
items = "article.post"
[selectors.item]
link = "a.time::attr(href)"
text = "p.text"
author = "a.author"
published_at = "a.time"
"""
ASKED = f"""
title = "街坊广场"
kind = "json"
urls = ["{{base}}/api/all"]
{FIELDS}
[json]
items = "posts"
url = "{{base}}/square/{{id}}"
[json.fields]
id = "id"
text = "text"
author = "user"
author_id = "user"
published_at = "time"
"""


class Town:
    """Fills a site with what is published by a moment; takes a page away."""

    def __init__(self, site: Site, texts: tuple[Text, ...]) -> None:
        self.site, self.texts = site, texts
        self.base = site.url("").rstrip("/")
        self.gone: set[str] = set()
        site.pages["/robots.txt"] = Reply("User-agent: *\n", headers={"Content-Type": "text/plain"})

    def path(self, text: Text) -> str:
        """Place of a text's own page."""
        where = {PAPER: "paper", WIRE: "wire"}.get(text.place, "square")
        return f"/{where}/{text.key}" + (".html" if where != "square" else "")

    def at(self, now: datetime) -> None:
        """Shows what is out at *now*, the newest first."""
        out = [text for text in self.texts if text.at <= now][::-1]
        for text in out:
            self.site.pages[self.path(text)] = Reply(_page(text))
        for key in self.gone:
            self.site.pages[key] = Reply("gone", 404)
        shown = [text for text in out if self.path(text) not in self.gone]
        paper = [text for text in shown if text.place == PAPER]
        wire = [text for text in shown if text.place == WIRE]
        square = [_post(text) for text in shown if text.place not in (PAPER, WIRE)]
        pages = self.site.pages
        rows = "".join(f'<li><a href="{self.path(t)}">{html.escape(t.title)}</a></li>' for t in paper)
        pages["/paper/"] = Reply(f'<html><body><ul class="news">{rows}</ul></body></html>')
        pages["/wire.xml"] = Reply(self._feed(wire), headers={"Content-Type": "application/rss+xml"})
        pages["/square"] = Reply(FEED_SHELL)
        pages["/api/all"] = _json({"posts": square})
        for at in range(0, max(len(square), 1), SCROLL):
            further = at + SCROLL if at + SCROLL < len(square) else None
            pages[f"/api/square?cursor={at}"] = _json({"posts": square[at : at + SCROLL], "next": further})

    def out(self, now: datetime) -> list[str]:
        """Keys of all that is out."""
        return [text.key for text in self.texts if text.at <= now]

    def take_away(self, text: Text) -> None:
        """From now on its page is not there."""
        self.gone.add(self.path(text))

    def _feed(self, texts: list[Text]) -> str:
        items = "".join(
            f"<item><title>{html.escape(t.title)}</title><link>{self.base}{self.path(t)}</link>"
            f"<pubDate>{format_datetime(t.at)}</pubDate></item>"
            for t in texts
        )
        head = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>江畔消费网</title>'
        return f"{head}{items}</channel></rss>"


def _page(text: Text) -> str:
    body = f"<p>{html.escape(text.body)}</p>"
    date = f'<span class="time">{text.at:%Y年%m月%d日 %H:%M}</span>'
    return ARTICLE.format(
        title=html.escape(text.title or text.body[:20]), place=text.place, date=date, body=body
    )


def _post(text: Text) -> dict[str, object]:
    stamp = f"{text.at:%Y-%m-%d %H:%M}"
    return {"id": text.key, "user": text.place, "text": text.body, "likes": 0, "time": stamp}


def _json(value: object) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False), headers={"Content-Type": "application/json"})
