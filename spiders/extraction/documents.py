"""From what a list, a feed, a response or a page says to a raw document of the journal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from lxml import html as lxml_html
from lxml.etree import ParserError

from fengping.analysis import canonical_url
from fengping.analysis.text.english_dates import ZONE_NAME
from fengping.clock import SHANGHAI, local
from fengping.models import Engagement, Kind, Media, MediaKind, Precision, RawDocument, document_id
from fengping.platform_fields import media_in, shown_region
from fengping.privacy import hash_author, shown_author
from fengping.spiders.extraction import Page, parse_time
from fengping.spiders.extraction.counts import whole
from fengping.spiders.extraction.times import year_of_first_sight
from fengping.spiders.seen.stated import Stated
from fengping.spiders.sources.model import COUNTS, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list: what the list itself says of a document."""

    url: str
    """Absolute address of its page; empty where the list names none."""
    key: str
    """The id its document will have, as far as the list tells."""
    id: str = ""
    title: str = ""
    text: str = ""
    author: str = ""
    author_id: str = ""
    site: str = ""
    published_at: datetime | None = None
    precision: Precision | None = None
    engagement: Engagement = field(default_factory=Engagement)
    region: str = ""
    media: tuple[Media, ...] = ()
    raw: Mapping[str, Any] | None = None
    """The entry's JSON, where comments are read out of it."""


# A page asks for its own address three times on its way.
_canonical = lru_cache(maxsize=4096)(canonical_url)


def identity(source: Source, url: str, post_id: str, title: str) -> str:
    """The id of a document: of its canonical URL, else of platform and post id, else of source and title.

    Raises ``ValueError`` for an address that is none, or where there is nothing to know it by.
    """
    if url:
        return document_id(_canonical(url))
    if post_id or title:
        return document_id(source.platform or source.name, post_id or title)
    raise ValueError("neither link, id nor title")


def make_entry(source: Source, url: str, values: Mapping[str, Any], now: datetime) -> Entry:
    """An entry from raw values by field name; raises ``ValueError`` as :func:`identity` does."""
    entry = make_comment(source, values, now)
    return replace(entry, url=url, key=identity(source, url, entry.id, entry.title))


def make_comment(source: Source, values: Mapping[str, Any], now: datetime) -> Entry:
    """An entry without address and identity, as a comment is."""
    published_at, precision = moment_of(values.get("published_at"), now, source.timezone)
    return Entry(
        url="",
        key="",
        id=clean(values.get("id")),
        title=clean(values.get("title")),
        text=clean(values.get("text"), lines=True),
        author=clean(values.get("author")),
        author_id=clean(values.get("author_id")),
        site=clean(values.get("site")),
        published_at=published_at,
        precision=precision,
        engagement=Engagement(**{name: count_of(values.get(name)) for name in COUNTS}),
        region=shown_region(clean(values.get("region"))),
        media=(
            *_media(values.get("images"), MediaKind.IMAGE),
            *_media(values.get("videos"), MediaKind.VIDEO),
        ),
    )


def with_sure_year(entry: Entry, first_at: datetime) -> Entry:
    """*entry* with its year only where it was new within seven days of a date that has none."""
    if entry.precision is not Precision.YEAR_INFERRED or entry.published_at is None:
        return entry
    moment = year_of_first_sight(entry.published_at, first_at)
    precision = Precision.NO_YEAR if moment is None else Precision.YEAR_INFERRED
    return replace(entry, published_at=moment, precision=precision)


def from_entry(
    source: Source,
    entry: Entry,
    now: datetime,
    salt: bytes,
    *,
    mask: bool,
    first_at: datetime | None = None,
) -> RawDocument:
    """The document of an entry that the list gives whole; *first_at*: first met then, not now."""
    entry = with_sure_year(entry, first_at or now)
    inferred = entry.precision in (Precision.YEAR_INFERRED, Precision.NO_YEAR)
    kind = source.document_kind
    author_id = entry.author_id or ("" if kind is Kind.NEWS else entry.author)
    return RawDocument(
        id=entry.key,
        source=source.name,
        text=entry.text,
        fetched_at=now,
        title=entry.title,
        url=entry.url,
        canonical_url=_canonical(entry.url) if entry.url else "",
        channel=source.channel,
        kind=kind,
        author=shown_author(entry.author, kind, mask=mask),
        author_id=hash_author(salt, source.platform or source.name, author_id),
        site=entry.site or source.site,
        published_at=entry.published_at,
        precision=(None if inferred else source.precision) or entry.precision or Precision.SECOND,
        engagement=entry.engagement,
        region=entry.region,
        media=entry.media,
    )


def with_stated(document: RawDocument, entry: Entry, stated: Stated, *, mask: bool) -> RawDocument:
    """*document*, made of *entry*, with what earlier visits *stated* where this one does not say it.

    The time is the more exact of the two.
    """
    given = {name: getattr(stated, name) for name in ("title", "author", "author_id", "site", "region")}
    given["author"] = shown_author(stated.author, document.kind, mask=mask)
    # Asked of the entry: a document's site may be the source's own, its author's id the hash of a name.
    changes: dict[str, Any] = {
        name: value for name, value in given.items() if value and not getattr(entry, name)
    }
    dated = document.published_at is not None
    if stated.published_at is not None and not (
        dated and _exactness(document.precision) >= _exactness(stated.precision)
    ):
        changes |= {"published_at": stated.published_at, "precision": stated.precision}
    return replace(document, **changes) if changes else document


def with_page(source: Source, entry: Entry, page: Page, url: str) -> Entry:
    """*entry* completed by its own page, found at *url*; the page knows better, the list fills its gaps.

    The time is the more exact of the two.
    """
    published_at, precision = page.published_at, page.precision
    if _exactness(entry.precision) > _exactness(precision):
        published_at, precision = entry.published_at, entry.precision
    counts = {
        name: _first(getattr(page.engagement, name), getattr(entry.engagement, name)) for name in COUNTS
    }
    return replace(
        entry,
        url=url,
        key=identity(source, url, entry.id, entry.title),
        title=page.title or entry.title,
        text=page.text,
        author=page.author or entry.author,
        site=page.site or entry.site,
        published_at=published_at,
        precision=precision,
        engagement=Engagement(**counts),
        region=page.region or entry.region,
        media=page.media or entry.media,
    )


_GIVEN = ("title", "text", "author", "author_id", "site", "region", "media")


def merge(entry: Entry, fuller: Entry) -> Entry:
    """*entry* with every field that *fuller* gives; address and identity stay."""
    counts = {
        name: _first(getattr(fuller.engagement, name), getattr(entry.engagement, name)) for name in COUNTS
    }
    given = {name: getattr(fuller, name) for name in _GIVEN}
    if fuller.published_at is not None:
        given |= {"published_at": fuller.published_at, "precision": fuller.precision}
    return replace(entry, engagement=Engagement(**counts), **{k: v for k, v in given.items() if v})


def comment_of(
    source: Source, parent: RawDocument, entry: Entry, now: datetime, salt: bytes, *, mask: bool
) -> RawDocument:
    """A comment below *parent*, known by its own id or, without one, by who said what."""
    own = entry.id or f"{entry.author}\0{entry.text}"
    made = from_entry(source, replace(entry, url="", key=document_id(parent.id, own)), now, salt, mask=mask)
    return replace(
        made,
        url=parent.url,
        kind=Kind.COMMENT,
        parent_id=parent.id,
        title="",
        site=parent.site,
        author=shown_author(entry.author, Kind.COMMENT, mask=mask),
        author_id=hash_author(salt, source.platform or source.name, entry.author_id or entry.author),
    )


def _media(value: Any, kind: MediaKind) -> tuple[Media, ...]:
    """Addresses in a value of any shape: a text, a list of texts, objects with addresses in them."""
    return media_in(str(value), kind) if value else ()


def clean(value: Any, *, lines: bool = False) -> str:
    """A value as text: markup taken out, white space folded (line breaks kept with *lines*)."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    text = str(value)
    if "<" in text and ">" in text:
        text = strip_tags(text)
    if not lines:
        return " ".join(text.split())
    rows = (" ".join(row.split()) for row in text.splitlines())
    return "\n".join(row for row in rows if row)


_BREAKS = re.compile(r"(?i)<\s*(?:br|/p|/div|/li|/h\d)\b[^>]*>")


def strip_tags(markup: str) -> str:
    """The text of an HTML fragment, paragraphs and ``<br>`` as line breaks."""
    try:
        root = lxml_html.fromstring(f"<div>{_BREAKS.sub(chr(10), markup)}</div>")
    except (ParserError, ValueError):
        return re.sub(r"<[^>]*>", " ", markup)
    for element in root.xpath(".//script|.//style"):
        element.drop_tree()
    return str(root.text_content())


_UNITS = {
    "": 1,
    "k": 10**3,
    "K": 10**3,
    "千": 10**3,
    "w": 10**4,
    "W": 10**4,
    "万": 10**4,
    "亿": 10**8,
    "百万": 10**6,
}
_COUNT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(百万|[kKwW千万亿]?)")


def count_of(value: Any) -> int | None:
    """A count as platforms show it: ``1,234``, ``1.2万``, ``10w+``, ``3.4亿次播放``; ``None`` for none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return whole(value)
    match = _COUNT.search(str(value))
    if match is None:
        return None
    return whole(float(match[1].replace(",", "").replace("，", "")) * _UNITS[match[2]])


def moment_of(value: Any, now: datetime, zone: str) -> tuple[datetime | None, Precision | None]:
    """A time as lists and responses give it: Unix seconds or milliseconds, RFC 822 (Weibo's too), or text.

    A text without a zone of its own is on the clocks of *zone*.
    """
    if value is None or isinstance(value, bool):
        return None, None
    text = str(int(value)) if isinstance(value, float) else str(value).strip()
    elsewhere = zone != SHANGHAI.key and not _OWN_CLOCK.search(text)
    # Read as if the site's clocks were ours, so that its today is its own and nothing of it lies ahead.
    seen = now.astimezone(ZoneInfo(zone)).replace(tzinfo=SHANGHAI) if elsewhere else now
    found = parse_time(text, seen) if text else None
    if found is None:
        return None, None
    moment, precision = found
    if elsewhere:
        moment = local(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return moment, precision


_OWN_CLOCK = re.compile(
    r"[+-]\d\d:?\d\d$|:\d\d:\d\d(?:\.\d+)?[+-]\d\d$|[+-]\d{4} |^\d{10,13}$|前(?!天)|刚刚|" + ZONE_NAME,
    re.IGNORECASE,
)
"""A text that says by itself which moment it means."""


def _exactness(precision: Precision | None) -> int:
    order = (
        None,
        Precision.NO_YEAR,
        Precision.YEAR_INFERRED,
        Precision.DAY,
        Precision.HOUR,
        Precision.MINUTE,
        Precision.SECOND,
    )
    return order.index(precision)


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
