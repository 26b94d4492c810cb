"""A source file out of an address alone: what kind of thing it is, and where its entries are.

Nothing is believed that was not tried: each guess is read as a source of that kind would be, and only one
that finds entries is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from pydantic import ValidationError
from scrapy.http import Response

from fengping.errors import Failed
from fengping.spiders.extraction import Entry, NotAPage, Unreadable, decode, extract, parse_html, parse_json
from fengping.spiders.extraction.listing import Listing
from fengping.spiders.kinds.rss import SitemapList, parse_feed
from fengping.spiders.run.pages import charset_of
from fengping.spiders.source_dev.guessing.lists import guess_lists, headlines_of
from fengping.spiders.source_dev.guessing.values import guess_paths
from fengping.spiders.source_dev.previewing import read_entries
from fengping.spiders.sources import Source

__all__ = ["Guess", "guess"]

MIN_ENTRIES = 3
_FEEDS = "//link[contains(@rel,'alternate')][contains(@type,'rss') or contains(@type,'atom')]/@href"
_TRIED_FEEDS = 3
_ARTICLE = 60
"""Characters of a body that is none of a list page's."""
_DATA = re.compile(r"""["'](/[^"'\s<>]*(?:/api/|list|feed|\.json)[^"'\s<>]*)["']""")


@dataclass(frozen=True)
class Guess:
    """A source as its file would say it, and what it would take now."""

    data: Mapping[str, Any]
    """The tables of the file, without its name."""
    entries: tuple[Entry, ...]
    how: str
    """Recognised form, in a few words."""
    doubts: tuple[str, ...] = ()
    """Reasons why it may not be the wanted list, a sentence each."""


def guess(response: Response, now: datetime, name: str, fetch: Callable[[str], Response]) -> Guess:
    """The best source for a fetched address. *fetch* gets the feeds that a page names.

    Raises :class:`Failed` where nothing repeats in the page: a script fills it, or it is no list.
    """
    text = decode(response.body, charset_of(response))[0]
    base = {"urls": [response.url], "title": urlsplit(response.url).hostname or name}
    made = _feed(text, base, response, now, name) or _json(text, base, response, now, name)
    if made is None:
        made = _page(text, base, response, now, name, fetch)
    if made is None:
        asked = _asked_for(text, response.url)
        script = 'If a script fills the page, write a source of kind "browser" (docs/sources.md).'
        remedy = f"Its script asks for {' and '.join(asked)}: try that. {script}" if asked else script
        raise Failed(f"{response.url} shows no list of links, feed or JSON.", remedy=remedy)
    return made


def _feed(text: str, base: Mapping[str, Any], response: Response, now: datetime, name: str) -> Guess | None:
    try:
        feed = parse_feed(text, response.url)
    except SitemapList as error:
        raise Failed(
            f"{response.url} is a list of sitemaps.", remedy=f"Add one of them: {', '.join(error.listed[:3])}"
        ) from error
    except Unreadable:
        return None
    data = {**base, "title": feed.title or base["title"], "kind": "rss"}
    made = _try(data, response, now, name, "a feed")
    if made is not None and not any(entry.title for entry in made.entries):
        whole = "A sitemap may name every page of a site, old ones and others than articles."
        made = replace(made, how="a sitemap", doubts=(whole,))
    return made


def _asked_for(text: str, base: str) -> list[str]:
    """Addresses in a page's scripts that look like those of its data."""
    found = (urljoin(base, match) for match in _DATA.findall(text))
    return list(dict.fromkeys(found))[:_TRIED_FEEDS]


def _json(text: str, base: Mapping[str, Any], response: Response, now: datetime, name: str) -> Guess | None:
    if text.lstrip()[:1] == "<":
        return None
    try:
        value = parse_json(text)
    except Unreadable:
        return None
    found = (
        _try({**base, "kind": "json", **tables}, response, now, name, "a JSON response")
        for tables in guess_paths(value)
    )
    made = next((made for made in found if made), None)
    if made is None or any(entry.url for entry in made.entries):
        return made
    kept = "Its entries name no address of a page: each is kept as it is listed."
    return replace(made, doubts=(*made.doubts, kept))


def _page(
    text: str,
    base: Mapping[str, Any],
    response: Response,
    now: datetime,
    name: str,
    fetch: Callable[[str], Response],
) -> Guess | None:
    try:
        root = parse_html(text)
    except Unreadable:
        return None
    title = " ".join((root.findtext(".//title") or "").split())
    base = {**base, "title": title or base["title"]}
    for url in _feeds(root, response.url):
        try:
            feed = fetch(url)
        except Failed:
            continue
        made = _try({**base, "urls": [feed.url], "kind": "rss"}, feed, now, name, "the feed it names")
        if made:
            return made
    found = (
        _try({**base, "kind": "list", **tables}, response, now, name, "a list of links")
        for tables in guess_lists(root, now)
    )
    made = next((made for made in found if made), None)
    return made and replace(made, doubts=(*made.doubts, *_list_doubts(made, root, text, response.url, now)))


def _list_doubts(made: Guess, root: HtmlElement, text: str, url: str, now: datetime) -> Iterator[str]:
    """Return the reasons to doubt that a list of links is the page's own."""
    links = headlines_of(root)
    if links > 2 * len(made.entries):
        yield f"The page has headlines of {links} pages, this list {len(made.entries)} of them."
    try:
        body = extract(text, url=url, fetched_at=now).text
    except NotAPage:
        return
    if len(body) >= _ARTICLE and not any(entry.title in body for entry in made.entries):
        yield "The page itself reads like an article: the list may only be what stands beside it."


def _feeds(root: HtmlElement, base: str) -> Sequence[str]:
    urls = [urljoin(base, str(href)) for href in root.xpath(_FEEDS)]
    return [url for url in dict.fromkeys(urls) if "comment" not in url.lower()][:_TRIED_FEEDS]


def _try(data: Mapping[str, Any], response: Response, now: datetime, name: str, how: str) -> Guess | None:
    """The guess, if a source of this kind finds entries in the response."""
    try:
        source = Source.model_validate({"name": name, **data})
        listing = read_entries(source, response, now)
    except (ValidationError, Unreadable):
        return None
    entries = _unique(listing)
    if len(entries) < MIN_ENTRIES:
        return None
    timeless = "No time stands in it: each entry's page must tell its own."
    doubts = () if any(entry.published_at for entry in entries) else (timeless,)
    hosts = _hosts(entries, response.url)
    expected = {"expect": {"min_items": max(1, len(entries) // 3), "max_items": 10 * len(entries)}}
    return Guess({**data, **({"allowed_domains": hosts} if hosts else {}), **expected}, entries, how, doubts)


def _unique(listing: Listing) -> tuple[Entry, ...]:
    """Entries, each once, those that say nothing and lead nowhere left out."""
    found: dict[str, Entry] = {}
    for entry in listing.entries:
        if entry.title or entry.text or entry.url:
            found.setdefault(entry.key, entry)
    return tuple(found.values())


def _hosts(entries: Sequence[Entry], url: str) -> list[str]:
    """Hosts that must be allowed beside the list's own: those of a tenth of the entries at least."""
    own = urlsplit(url).hostname or ""
    hosts = [urlsplit(entry.url).hostname or "" for entry in entries if entry.url]
    foreign = {h for h in hosts if h != own and not h.endswith(f".{own}")}
    wanted = sorted(host for host in foreign if hosts.count(host) * 10 >= len(hosts))
    return [own, *wanted] if wanted else []
