"""Reads Chinese pages: title, body, author, source, time, engagement, next page. Pure: no network, no clock.

Each field comes from the source's own selectors first, then from structured data, then from a general
extractor; :attr:`Page.methods` records which.
"""

from typing import TYPE_CHECKING

from fengping.doors import front_door

DOOR = {
    "NotAPage": "page",
    "Page": "page",
    "Selectors": "page",
    "decode": "decoding",
    "extract": "reading",
    "parse_time": "times",
}

if TYPE_CHECKING:
    from fengping.spiders.extraction.decoding import decode as decode
    from fengping.spiders.extraction.page import NotAPage as NotAPage
    from fengping.spiders.extraction.page import Page as Page
    from fengping.spiders.extraction.page import Selectors as Selectors
    from fengping.spiders.extraction.reading import extract as extract
    from fengping.spiders.extraction.times import parse_time as parse_time
else:
    __getattr__ = front_door(__name__, DOOR)
