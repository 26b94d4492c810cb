"""Reads Chinese pages: title, body, author, source, time, engagement, next page. Pure: no network, no clock.

Each field comes from the source's own selectors first, then from structured data, then from a general
extractor; :attr:`Page.methods` records which.
"""

from fengping.models import Precision
from fengping.spiders.extraction.decoding import decode
from fengping.spiders.extraction.page import NotAPage, Page, Selectors
from fengping.spiders.extraction.reading import extract
from fengping.spiders.extraction.times import parse_time

__all__ = ["NotAPage", "Page", "Precision", "Selectors", "decode", "extract", "parse_time"]
