"""Kind ``browser``: feeds and pages that only a script shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from lxml import html as lxml_html
from scrapy import Request
from scrapy.http import Response

from fengping.spiders.browser import VISITOR
from fengping.spiders.browser.visitors import FeedVisitor, PageVisitor, path_of
from fengping.spiders.extraction import Entry, Unreadable
from fengping.spiders.extraction.listing import Listing, ListPage
from fengping.spiders.framework import Refused
from fengping.spiders.kinds.base import host_of
from fengping.spiders.kinds.json import JsonSpider
from fengping.spiders.kinds.list import ListSpider
from fengping.spiders.run.statuses import Flag, Status
from fengping.spiders.seen import Seen
from fengping.spiders.sources.model import Browser


class BrowserSpider(ListSpider, JsonSpider):
    name = "browser"
    custom_settings = {  # noqa: RUF012  Scrapy reads it from the class
        "DOWNLOAD_HANDLERS": {
            "http": "fengping.spiders.browser.handler.BrowserDownloadHandler",
            "https": "fengping.spiders.browser.handler.BrowserDownloadHandler",
        }
    }

    def list_request(self, page: ListPage) -> Request | None:
        request = super().list_request(page)
        return None if request is None else self._rendered(request)

    def page_request(self, entry: Entry, seen: Seen | None) -> Request:
        return self._rendered(super().page_request(entry, seen))

    def _rendered(self, request: Request) -> Request:
        """The same request, to be opened in the browser. A page that hung is not opened again at once."""
        request.meta["rendered"] = request.meta["dont_retry"] = True
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        return self.equip(request)

    def equip(self, request: Request) -> Request:
        if request.meta.get("rendered"):
            request.meta[VISITOR] = self._feed() if "list" in request.meta else PageVisitor(self.options)
        return request

    def _feed(self) -> FeedVisitor:
        items = self.run.source.selectors.items or "//html"
        max_bytes = self.crawler.settings.getint("DOWNLOAD_MAXSIZE")
        return FeedVisitor(self.options, items, self._knows_enough(), max_bytes)

    def read_list(self, response: Response, page: ListPage) -> Listing:
        if not self.run.allows(host_of(response.url)):
            raise Refused(Status.OFFSITE, f"the page went on to {host_of(response.url)}")
        visitor: FeedVisitor = response.meta[VISITOR]
        if visitor.truncated:
            self.run.ledger.flag(Flag.TRUNCATED_LIST)
        if not self.options.xhr:
            listing = self._read_fragments(visitor.fragments, response.url)
            # A box that was filled after it appeared was taken twice; what it came to show counts.
            latest = {entry.key: entry for entry in listing.entries}
            return replace(listing, entries=tuple(latest.values()))
        if visitor.refused and not visitor.responses:
            raise Refused(Status.BLOCKED, f"the site refused {visitor.refused[0]}")
        read = self._read_responses(visitor.responses)
        entries = [entry for _, listing in read for entry in listing.entries]
        complaints = tuple(dict.fromkeys(line for _, listing in read for line in listing.complaints))
        feeds = {path_of(url) for url, listing in read if listing.matched}
        failed = (url for url in visitor.lost if path_of(url) in feeds)
        lost = next(chain(failed, _ends_without(read, feeds)), "")
        cut_short = f"the feed broke off, the site refused {lost}" if lost else ""
        return Listing(tuple(entries), bool(feeds), complaints=complaints, cut_short=cut_short)

    def _read_responses(self, responses: Sequence[tuple[str, str]]) -> list[tuple[str, Listing]]:
        """Read each response, with its address; one that is no JSON (a token, a script) holds no entry, and
        raises :class:`Unreadable` if all are so."""
        read, wrong = [], []
        for url, text in responses:
            try:
                read.append((url, self.read_json(text, url)))
            except Unreadable as error:
                wrong.append(error)
                read.append((url, Listing((), matched=False)))
        if wrong and len(wrong) == len(read):
            raise wrong[-1]
        return read

    @property
    def options(self) -> Browser:
        options = self.run.source.browser
        if options is None:
            raise TypeError(f"{self.run.source.name} has no [browser]")
        return options

    @property
    def items_at(self) -> str:
        if self.options.xhr:
            return f"browser.xhr {self.options.xhr!r}"
        return super().items_at

    def _read_fragments(self, fragments: Sequence[str], url: str) -> Listing:
        elements = [lxml_html.fragment_fromstring(fragment) for fragment in fragments]
        return self.listing_of(elements, url)

    def _knows_enough(self) -> Any:
        """True if the last ``until_known`` entries in a row were known before this run."""
        wanted, row = self.options.until_known, 0

        def enough(fresh: Sequence[str]) -> bool:
            nonlocal row
            if not wanted or self.run.full_depth:
                return False
            for entry in self._peek(fresh):
                row = row + 1 if self.run.memory.find(entry.key) else 0
            self.run.stopped_at_known = row >= wanted
            return self.run.stopped_at_known

        return enough

    def _peek(self, fresh: Sequence[str]) -> tuple[Entry, ...]:
        base = self.run.source.urls[0]
        if self.options.xhr:
            read = self._read_responses([(base, text) for text in fresh])
            return tuple(entry for _, listing in read for entry in listing.entries)
        return self._read_fragments(fresh, base).entries


def _ends_without(read: Sequence[tuple[str, Listing]], feeds: Collection[str]) -> Iterator[str]:
    """The last answer of each of *feeds* that holds no list, where all before it did: an address that other
    questions go to as well gives such answers in between."""
    for path in sorted(feeds):
        *before, (url, last) = [(url, listing) for url, listing in read if path_of(url) == path]
        if not last.matched and all(listing.matched for _, listing in before):
            yield url
