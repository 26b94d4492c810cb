"""A source file out of an address alone: what kind of thing it is, and where its entries are.

Nothing is believed that was not tried: each guess is read as a source of that kind would be, and only one
that finds entries is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement
from pydantic import ValidationError
from scrapy.http import Response

from fengping.errors import Failed
from fengping.spiders.documents import Entry
from fengping.spiders.elements import parse_html, parse_json
from fengping.spiders.extraction import decode
from fengping.spiders.guessing.lists import guess_lists
from fengping.spiders.guessing.values import guess_paths
from fengping.spiders.listing import Listing, Unreadable
from fengping.spiders.pages import charset_of
from fengping.spiders.previewing import read_entries
from fengping.spiders.sources import Source

__all__ = ["Guess", "guess"]

MIN_ENTRIES = 3
_FEEDS = "//link[contains(@rel,'alternate')][contains(@type,'rss') or contains(@type,'atom')]/@href"
_TRIED_FEEDS = 3


@dataclass(frozen=True)
class Guess:
    """A source as its file would say it, and what it would take now."""

    data: Mapping[str, Any]
    """The tables of the file, without its name."""
    entries: tuple[Entry, ...]
    how: str
    """What was recognised, in a few words."""


def guess(response: Response, now: datetime, name: str, fetch: Callable[[str], Response]) -> Guess:
    """The best source for a fetched address. *fetch* gets the feeds that a page names.

    Raises :class:`Failed` where nothing repeats in the page: a script fills it, or it is no list.
    """
    text = decode(response.body, charset_of(response))[0]
    base = {"urls": [response.url], "title": urlsplit(response.url).hostname or name}
    made = _try({**base, "kind": "rss"}, response, now, name, "a feed") or _json(
        text, base, response, now, name
    )
    if made is None:
        made = _page(text, base, response, now, name, fetch)
    if made is None:
        raise Failed(
            f"{response.url} shows no list of links, feed or JSON.",
            remedy='If a script fills the page, write a source of kind "browser" (docs/sources.md).',
        )
    return made


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
    return next((made for made in found if made), None)


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
    return next((made for made in found if made), None)


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
    hosts = _hosts(entries, response.url)
    expected = {"expect": {"min_items": max(1, len(entries) // 3), "max_items": 10 * len(entries)}}
    return Guess({**data, **({"allowed_domains": hosts} if hosts else {}), **expected}, entries, how)


def _unique(listing: Listing) -> tuple[Entry, ...]:
    """Entries, each once, those that say nothing left out."""
    found: dict[str, Entry] = {}
    for entry in listing.entries:
        if entry.title or entry.text:
            found.setdefault(entry.key, entry)
    return tuple(found.values())


def _hosts(entries: Sequence[Entry], url: str) -> list[str]:
    """Hosts that must be allowed beside the list's own: those of a tenth of the entries at least."""
    own = urlsplit(url).hostname or ""
    hosts = [urlsplit(entry.url).hostname or "" for entry in entries if entry.url]
    foreign = {h for h in hosts if h != own and not h.endswith(f".{own}")}
    wanted = sorted(host for host in foreign if hosts.count(host) * 10 >= len(hosts))
    return [own, *wanted] if wanted else []
