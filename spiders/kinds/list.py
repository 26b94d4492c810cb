"""Kind ``list``: an HTML list by selectors, and the article pages it links to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from fengping.spiders.extraction import parse_html
from fengping.spiders.extraction.elements import fields_of, select, text_at
from fengping.spiders.extraction.listing import Listing, ListPage, make_entries
from fengping.spiders.kinds.paging import SourceSpider
from fengping.spiders.run.pages import text_of


class ListSpider(SourceSpider):
    name = "list"

    def read_list(self, response: Response, page: ListPage) -> Listing:
        selectors = self.run.source.selectors
        root = parse_html(text_of(response, self.run.source))
        base = urljoin(response.url, text_at(root, ("//head/base/@href",)))
        elements = select(root, selectors.items or "//html")
        following = text_at(root, (selectors.next,)) if selectors.next else ""
        return self.listing_of(elements, base, urljoin(base, following) if following else "")

    def listing_of(self, elements: Sequence[Any], base: str, next_url: str = "") -> Listing:
        """The entries that stand in *elements* of a page at *base*."""
        selectors = self.run.source.selectors
        if selectors.follow:
            elements = [e for e in elements if re.search(selectors.follow, text_at(e, selectors.item.link))]

        def read(element: Any) -> tuple[str, Mapping[str, Any]]:
            values = fields_of(element, selectors.item)
            return values.pop("link", ""), values

        fields = {f"selectors.item.{name}": list(where) for name, where in selectors.item if where}
        entries, complaints = make_entries(self.run.source, base, self.run.now(), elements, read, fields)
        return Listing(entries, matched=bool(elements), next_url=next_url, complaints=complaints)

    @property
    def items_at(self) -> str:
        return f"selectors.items {self.run.source.selectors.items!r}"
