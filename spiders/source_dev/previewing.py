"""Reading one saved or fetched response as a source would: nothing is asked, nothing is kept."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from lxml import html as lxml_html
from scrapy.http import HtmlResponse, Response

from fengping.spiders.extraction import Entry, extract, parse_html
from fengping.spiders.extraction.documents import with_page
from fengping.spiders.extraction.elements import select
from fengping.spiders.extraction.listing import Listing, ListPage
from fengping.spiders.kinds import spider_class
from fengping.spiders.kinds.json import JsonSpider
from fengping.spiders.kinds.list import ListSpider
from fengping.spiders.run import Run
from fengping.spiders.run.pages import charset_of, page_selectors, text_of
from fengping.spiders.sources import Source, SourceKind


def response_of(url: str, body: bytes, content_type: str = "") -> Response:
    """A response to read; *content_type* is the header's value."""
    headers = {"Content-Type": content_type} if content_type else None
    return HtmlResponse(url, body=body, headers=headers)


def read_entries(source: Source, response: Response, now: datetime) -> Listing:
    """The entries that *source* finds in a list, feed or captured response.

    A browser source reads what its ``xhr`` captured, or the page as it was rendered. Raises
    :class:`~fengping.spiders.extraction.listing.Unreadable` for a response of another kind.
    """
    spider = cast("Any", spider_class(source.kind)())
    spider.run = cast("Run", SimpleNamespace(source=source, now=lambda: now))
    if source.kind is not SourceKind.BROWSER:
        return cast("Listing", spider.read_list(response, ListPage(response.url)))
    if source.json_paths is not None:
        return JsonSpider.read_json(spider, text_of(response, source), response.url)
    # The browser hands out each entry's own element and nothing around it.
    found = select(parse_html(text_of(response, source)), source.selectors.items or "//html")
    entries = [lxml_html.fragment_fromstring(lxml_html.tostring(element)) for element in found]
    return ListSpider.listing_of(spider, entries, response.url)


def read_page(source: Source, response: Response, entry: Entry, now: datetime) -> Entry:
    """*entry* completed by its own page. Raises :class:`~fengping.spiders.extraction.NotAPage`."""
    html = text_of(response, source) if source.encoding else response.body
    page = extract(
        html,
        url=response.url,
        encoding=charset_of(response),
        fetched_at=now,
        selectors=page_selectors(source),
    )
    return with_page(source, entry, page, response.url)
