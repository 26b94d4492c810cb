"""Pictures and videos of an article by their addresses and captions, and the region its page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from fengping.models import Media, MediaKind
from fengping.platform_fields import MOST_MEDIA, shown_region
from fengping.spiders.extraction.body import Body
from fengping.spiders.extraction.tree import Block

_SOURCES = ("data-src", "data-original", "data-url", "src")
"""Attributes of a picture's address: pages that load late put it first where no browser looks."""
_CLIMB = 4
_REGION = re.compile(r"IP\s?(?:属地|归属地)\s*[:：]?\s*([\u4e00-\u9fff]{2,12})")
_AROUND = 3


def find_media(parser: LexborHTMLParser, body: Body, url: str) -> tuple[Media, ...]:
    """Pictures and videos among the lines of the article, each once, at most :data:`MOST_MEDIA`."""
    if not body.lines or parser.css_first("img,video") is None:
        return ()
    container = _container(parser, body)
    if container is None:
        return ()
    found: dict[str, Media] = {}
    for media in _in(container, url):
        found.setdefault(media.url, media)
    return tuple(found.values())[:MOST_MEDIA]


def find_region(blocks: list[Block], title_at: int | None, body: Body) -> str:
    """The region beside the byline or below the article; those of comments stand further away."""
    first = title_at if title_at is not None else max(body.first - _AROUND, 0)
    near = [*blocks[max(first - _AROUND, 0) : body.first + 1], *blocks[body.last : body.last + _AROUND]]
    for block in near:
        if "属地" in block.text and len(block.text) < 120 and (match := _REGION.search(block.text)):
            return shown_region(match[1])
    return ""


def _container(parser: LexborHTMLParser, body: Body) -> LexborNode | None:
    """The element that holds the first and the last line of the article."""
    begin, end = (_plain(line)[:24] for line in (body.lines[0], body.lines[-1]))
    node = next((p for p in parser.css("p") if _plain(p.text()).startswith(begin)), None)
    for _ in range(_CLIMB):
        node = node.parent if node is not None else None
        if node is None or node.tag in ("body", "html"):
            return None
        if end in _plain(node.text()):
            return node
    return None


def _in(container: LexborNode, url: str) -> Iterator[Media]:
    for node in container.css("img,video"):
        if node.tag == "img":
            source = next(filter(None, map(node.attributes.get, _SOURCES)), "")
            kind = MediaKind.IMAGE
        else:
            inner = node.css_first("source")
            source = node.attributes.get("src") or (inner.attributes.get("src") if inner else "") or ""
            kind = MediaKind.VIDEO
        try:
            address = urljoin(url, source.strip())
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and source:
            yield Media(kind, address, _caption(node))


def _caption(node: LexborNode) -> str:
    """Caption below a picture in its figure, else its alternative text."""
    above = node.parent
    while above is not None and above.tag not in ("figure", "body", "html", "div"):
        above = above.parent
    shown = above.css_first("figcaption") if above is not None and above.tag == "figure" else None
    text = shown.text() if shown is not None else node.attributes.get("alt") or ""
    return " ".join(text.split())[:200]


def _plain(text: str) -> str:
    return "".join(text.split())
