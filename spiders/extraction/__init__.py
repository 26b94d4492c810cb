"""Reads Chinese pages: title, body, author, source, time, engagement, next page. Pure: no network, no clock.

Each field comes from the source's own selectors first, then from structured data, then from a general
extractor; :attr:`Page.methods` records which.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

if TYPE_CHECKING:
    from fengping.spiders.extraction.decoding import decode
    from fengping.spiders.extraction.documents import Entry, clean, count_of, moment_of
    from fengping.spiders.extraction.elements import parse_html, parse_json
    from fengping.spiders.extraction.listing import Unreadable
    from fengping.spiders.extraction.page import NotAPage, Page, Selectors
    from fengping.spiders.extraction.reading import extract
    from fengping.spiders.extraction.times import parse_time, year_of_first_sight
    from fengping.spiders.extraction.tree import parse, read_blocks
else:
    __getattr__ = front_door(__name__)
