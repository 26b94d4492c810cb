"""The values of the extraction: what a page said, and where a source says to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fengping.errors import UsageError
from fengping.models import Engagement, Media, Precision


class NotAPage(UsageError):
    """The bytes are no HTML: a PDF, an image, an archive. Nothing can be read out of them."""


@dataclass(frozen=True, slots=True)
class Selectors:
    """Selectors of one source's fields: CSS, or XPath when it begins with ``/``, ``./`` or ``(``.

    Several alternatives stand in a tuple, and the first that finds text wins. A CSS selector may end in
    ``::attr(name)`` or ``::text``, an XPath may end in ``/@name`` or ``/text()``, as in Scrapy.
    """

    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    reposts: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    """Elements taken out before anything is read: adverts, share bars, comments."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page read. Empty text and ``None`` mean that the page did not say."""

    title: str = ""
    text: str = ""
    """The body, one paragraph a line, without byline, comments, related news and navigation."""
    author: str = ""
    site: str = ""
    """Source of the text: the 来源 it names, else the name of the site itself."""
    published_at: datetime | None = None
    """Aware UTC."""
    precision: Precision | None = None
    """Precision of the time on the page; ``None`` exactly where ``published_at`` is."""
    engagement: Engagement = field(default_factory=Engagement)
    region: str = ""
    """Region the platform shows (IP 属地)."""
    media: tuple[Media, ...] = ()
    """Pictures and videos of the article, with their captions."""
    next_url: str = ""
    """Absolute URL of the next page of the same article; empty on the last page."""
    canonical_url: str = ""
    """Canonical address in the page (``link rel=canonical``, ``og:url``); absolute or empty."""
    encoding: str = "utf-8"
    """Encoding of the bytes (Python's name)."""
    methods: Mapping[str, str] = field(default_factory=dict)
    """Field → how it was found: ``selector``, ``json-ld``, ``meta:og:title``, ``state``, ``density`` …"""
