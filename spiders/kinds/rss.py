"""Kind ``rss``: RSS 0.9–2.0 and Atom feeds, sitemaps, and the article pages they link to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree
from scrapy.http import Response

from fengping.spiders.extraction.listing import Listing, ListPage, Unreadable, make_entries
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.run.pages import text_of

_FIELDS = {
    "title": ("title",),
    "text": ("encoded", "content", "description", "summary"),
    "author": ("creator", "author"),
    "published_at": ("pubDate", "published", "updated", "date", "publication_date"),
    "site": ("source",),
    "id": ("guid", "id"),
}
"""Element names without namespace, the fullest first."""
_ROOTS = ("rss", "feed", "rdf", "urlset", "sitemapindex")


class RssSpider(SourceSpider):
    name = "rss"

    def read_list(self, response: Response, page: ListPage) -> Listing:
        root = parse_feed(text_of(response, self.run.source))
        items = [element for element in root.iter() if _name(element) in ("item", "entry", "url")]
        if listed := sitemaps_in(root):
            raise Unreadable(f"a list of sitemaps, name one of them: {', '.join(listed[:3])}")
        entries, complaints = make_entries(
            self.run.source, response.url, self.run.now(), items, _read, {"link": "link"}
        )
        return Listing(entries, matched=True, complaints=complaints)

    @property
    def items_at(self) -> str:
        return "an <item>, <entry> or <url>"


def parse_feed(text: str) -> Any:
    """The root of a feed, mended where it is broken. Raises :class:`Unreadable` for what is none.

    No entity is expanded and nothing is fetched.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    declared = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")).lstrip()
    try:
        root = etree.fromstring(declared.encode("utf-8", "ignore"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _name(root).lower() not in _ROOTS:
        raise Unreadable(f"no RSS or Atom feed (begins {text.strip()[:40]!r})")
    return root


def feed_title(root: Any) -> str:
    """Return a feed's own title; empty if it has none."""
    return next((_text(e) for e in root.iter() if _name(e) == "title" and not _in_entry(e)), "")


def _in_entry(element: Any) -> bool:
    return any(_name(above) in ("item", "entry", "url") for above in element.iterancestors())


def sitemaps_in(root: Any) -> list[str]:
    """Addresses of the sitemaps that a list of sitemaps names."""
    listed = [element for element in root if _name(element) == "sitemap"]
    return [_text(part) for element in listed for part in element if _name(part) == "loc"]


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _read(item: Any) -> tuple[str, Mapping[str, Any]]:
    children: dict[str, Any] = {}
    for child in item:
        # What a sitemap says of news stands one level deeper.
        for part in (child, *(child if _name(child) == "news" else ())):
            children.setdefault(_name(part), part)
    values: dict[str, Any] = {}
    for field, names in _FIELDS.items():
        values[field] = next((text for name in names if (text := _text(children.get(name)))), "")
    return _link(item, children), values


def _text(element: Any) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _link(item: Any, children: Mapping[str, Any]) -> str:
    """RSS says it in the link's text, Atom in ``href``, a sitemap in ``loc``; a permanent guid will do."""
    for child in item:
        if _name(child) == "link":
            href = child.get("href")
            if href and child.get("rel", "alternate") == "alternate":
                return str(href)
            if text := _text(child):
                return text
    if location := _text(children.get("loc")):
        return location
    guid = children.get("guid")
    if guid is None or guid.get("isPermaLink") == "false":
        return ""
    text = _text(guid)
    return text if text.startswith("http") else ""
