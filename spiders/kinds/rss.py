"""Kind ``rss``: RSS 0.9–2.0 and Atom feeds, sitemaps, and the article pages they link to."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import feedparser
from lxml import etree
from scrapy.http import Response

from fengping.spiders.extraction import Unreadable
from fengping.spiders.extraction.listing import Listing, ListPage, make_entries
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.run.pages import text_of

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(#\d{1,7};|#[xX][\da-fA-F]{1,6};|[a-zA-Z]\w{1,31};)?", re.S
)
_SITEMAP = re.compile(r"<(?:\w+:)?(urlset|sitemapindex)\b")
_HEAD = 4000
"""Characters in which the root element of a feed or sitemap stands."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed or a sitemap as read: its own title, and each entry's link and values."""

    title: str
    entries: tuple[tuple[str, Mapping[str, Any]], ...]


class SitemapList(Unreadable):
    """A list of sitemaps in the place of one; :attr:`listed` are their addresses."""

    def __init__(self, listed: Sequence[str]) -> None:
        super().__init__(f"a list of sitemaps, name one of them: {', '.join(listed[:3])}")
        self.listed = tuple(listed)


class RssSpider(SourceSpider):
    name = "rss"

    def read_list(self, response: Response, page: ListPage) -> Listing:
        feed = parse_feed(text_of(response, self.run.source), response.url)
        entries, complaints = make_entries(
            self.run.source, response.url, self.run.now(), feed.entries, tuple, {"link": "link"}
        )
        return Listing(entries, matched=True, complaints=complaints)

    @property
    def items_at(self) -> str:
        return "an <item>, <entry> or <url>"


def parse_feed(text: str, base: str) -> Feed:
    """Read the feed or sitemap *text* of address *base*, mended where it is broken.

    Links are absolute. No entity is expanded and nothing is fetched. Raises :class:`Unreadable` for what is
    no feed, :class:`SitemapList` for a list of sitemaps.
    """
    declared = _DECLARATION.sub("", text.lstrip("\ufeff")).lstrip()
    if _SITEMAP.search(declared[:_HEAD]):
        return _sitemap(declared)
    try:
        parsed = feedparser.parse(
            io.BytesIO(_AMPERSAND.sub(_escaped, declared).encode("utf-8", "ignore")),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": base},
            sanitize_html=False,  # the extraction of texts cleans what it reads
        )
    except (ValueError, AttributeError, AssertionError) as error:  # its loose parser meets the worst of feeds
        raise Unreadable(f"a feed too broken to read ({error})") from error
    if not parsed.get("version"):
        raise Unreadable(f"no RSS or Atom feed (begins {text.strip()[:40]!r})")
    return Feed(parsed.feed.get("title", ""), tuple(map(_entry, parsed.entries)))


def _escaped(found: re.Match[str]) -> str:
    """An ampersand as XML wants it: as many feeds write them, ``&copy=3`` in a link would become ``©=3``."""
    whole, reference = found[0], found[1]
    if whole.startswith("<") or (reference and not reference.startswith("#")):
        return whole
    if not reference:
        return "&amp;"
    code = int(reference[2:-1], 16) if reference[1] in "xX" else int(reference[1:-1])
    return whole if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0x110000 else "\ufffd"


def _entry(entry: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    texts = [part.get("value", "") for part in entry.get("content", ())] + [entry.get("summary", "")]
    values = {
        "title": entry.get("title", ""),
        "text": next(filter(None, texts), ""),
        "author": entry.get("author_detail", {}).get("name") or entry.get("author", ""),
        "published_at": entry.get("published") or entry.get("updated") or "",
        "site": entry.get("source", {}).get("title", ""),
        "id": entry.get("id", ""),
    }
    return entry.get("link", ""), values


def _sitemap(text: str) -> Feed:
    """The pages that a sitemap names, with what its news extension says of them."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "ignore"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise Unreadable(f"no sitemap (begins {text[:40]!r})")
    listed = [_said(element, "loc") for element in root if _name(element) == "sitemap"]
    if listed:
        raise SitemapList(listed)
    pages = [element for element in root.iter() if _name(element) == "url"]
    return Feed("", tuple((_said(page, "loc"), _news(page)) for page in pages))


def _news(page: Any) -> Mapping[str, Any]:
    news = next((element for element in page if _name(element) == "news"), page)
    return {"title": _said(news, "title"), "published_at": _said(news, "publication_date")}


def _said(element: Any, name: str) -> str:
    return next(("".join(part.itertext()).strip() for part in element if _name(part) == name), "")


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
