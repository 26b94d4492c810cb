"""The model of a source file, validated once, frozen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from fengping.errors import did_you_mean
from fengping.models import Channel, Kind, Precision
from fengping.spiders.sources.fields import Texts
from fengping.spiders.sources.tables import (
    COUNTS,
    Browser,
    Comments,
    DetailSelectors,
    Expect,
    ItemSelectors,
    JsonFields,
    JsonPaths,
    Limits,
    Pagination,
    Rate,
    Selectors,
    Step,
)
from fengping.spiders.sources.templates import check_body, check_template, names_in
from fengping.toml import Strict

__all__ = [
    "COUNTS",
    "Browser",
    "Comments",
    "DetailSelectors",
    "Expect",
    "ItemSelectors",
    "JsonFields",
    "JsonPaths",
    "Limits",
    "Pagination",
    "Rate",
    "Selectors",
    "Source",
    "SourceKind",
    "Step",
]


NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""Pattern of a source's name: it is a file's stem, and stands in tables and addresses."""


class SourceKind(StrEnum):
    """Kinds of sources, by the way they are read."""

    RSS = "rss"
    LIST = "list"
    JSON = "json"
    BROWSER = "browser"


def _check_address(url: str) -> None:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError(f"{url!r} is not an http(s) address")


class Source(Strict):
    """One site, section, feed or search. The file's stem is its name."""

    name: Annotated[str, Field(pattern=NAME)]
    title: str
    kind: SourceKind
    urls: Annotated[Texts, Field(min_length=1)]
    """Start addresses; ``{page}``, ``{keyword}``, ``{date}``, ``{since}``, ``{until}`` and ``{cursor}`` are
    filled in, and ``vars``."""
    vars: dict[str, str] = Field(default_factory=dict)
    """Texts that stand for ``{name}`` in ``urls`` as they are: the base address of an instance."""
    enabled: bool = True
    channel: Channel = Channel.NEWS
    platform: str = ""
    """The platform's name where posts have ids of its own; then id and platform are the identity."""
    document: Kind | None = None
    """Kind of an entry; ``news`` on news channels, else ``post``."""
    site: str = ""
    licence: str = ""
    """Terms under which the site may be read, and where they stand."""
    note: str = ""
    keywords: tuple[str, ...] = ()
    detail: bool = True
    """True if each entry's own page is fetched; without it the list gives everything."""
    selectors: Selectors = Selectors()
    json_paths: JsonPaths | None = Field(default=None, alias="json")
    comments: Comments | None = None
    browser: Browser | None = None
    pagination: Pagination = Pagination()
    allowed_domains: tuple[str, ...] = ()
    """Hosts (with their subdomains) that may be asked; the hosts of ``urls`` where none is named."""
    rate: Rate = Rate()
    expect: Expect = Expect()
    limits: Limits = Limits()
    revisit_hours: tuple[Annotated[float, Field(gt=0)], ...] | None = None
    """Hours after the first sight at which a document is fetched again; unset: by what it may gain."""
    headers: dict[str, str] = Field(default_factory=dict)
    cookies: bool = False
    cookies_from: str = ""
    """An address that is opened first, for the cookies with which the lists then are asked for."""
    body: str = ""
    """Sent by POST where given, JSON or a form, with the same templates as ``urls``."""
    allow_private: bool = False
    proxy: str | None = None
    """Like ``crawl.proxy``, for this source alone; empty: none."""
    encoding: str = ""
    timezone: str = "Asia/Shanghai"
    precision: Precision | None = None
    """Precision of the site's times, where they look more exact than they are."""

    @model_validator(mode="before")
    @classmethod
    def _fill_vars(cls, data: Any) -> Any:
        given, urls = (data.get("vars"), data.get("urls")) if isinstance(data, dict) else (None, None)
        if not isinstance(given, dict) or not isinstance(urls, str | list):
            return data
        filled = [urls] if isinstance(urls, str) else urls
        for name, text in given.items():
            filled = [str(url).replace(f"{{{name}}}", str(text)) for url in filled]
        return data | {"urls": filled}

    @field_validator("kind", mode="before")
    @classmethod
    def _known_kind(cls, value: Any) -> Any:
        if value not in list(SourceKind):
            hint = did_you_mean(str(value), [kind.value for kind in SourceKind])
            raise ValueError(f"unknown source kind {value!r}. {hint}")
        return value

    @field_validator("urls")
    @classmethod
    def _fetchable(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            _check_address(url)
            check_template(url)
        return urls

    @field_validator("cookies_from")
    @classmethod
    def _openable(cls, url: str) -> str:
        if url:
            _check_address(url)
        return url

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is not a time zone, write one like 'Asia/Shanghai'") from None
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError(f"{value!r} is not a text encoding, write one like 'gb18030'") from None
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        check_body(self.body)
        if "keyword" in self.slots and not self.keywords:
            raise ValueError("a URL or the body holds {keyword}, but keywords is empty")
        if self.cookies_from and not self.cookies:
            raise ValueError("cookies_from needs cookies = true")
        if self.kind is SourceKind.LIST:
            self._complete_list()
        if self.kind is SourceKind.JSON and self.json_paths is None:
            raise ValueError("a json source needs a [json] table with items and fields")
        if self.kind is SourceKind.BROWSER and self.browser is None:
            raise ValueError("a browser source needs a [browser] table")
        if "cursor" in self.slots and (self.json_paths is None or self.json_paths.next is None):
            raise ValueError("a URL holds {cursor}, but json.next does not say where it comes from")
        return self

    def _complete_list(self) -> None:
        if self.selectors.items is None:
            raise ValueError("a list source needs selectors.items")
        item = self.selectors.item
        if self.detail and not item.link:
            raise ValueError("a list source with detail pages needs selectors.item.link")
        if not self.detail and not (item.title or item.text):
            raise ValueError("a list source without detail pages needs selectors.item.title or .text")

    @property
    def slots(self) -> frozenset[str]:
        """Names that are filled into the addresses or the body."""
        return frozenset(name for text in (*self.urls, self.body) for name in names_in(text))

    @property
    def document_kind(self) -> Kind:
        if self.document is not None:
            return self.document
        return Kind.NEWS if self.channel is Channel.NEWS else Kind.POST

    @property
    def domains(self) -> tuple[str, ...]:
        """Hosts that may be asked, subdomains included."""
        if self.allowed_domains:
            return self.allowed_domains
        asked = (*self.urls, self.cookies_from) if self.cookies_from else self.urls
        return tuple(sorted({urlsplit(url).hostname or "" for url in asked}))

    @property
    def gives_counts(self) -> bool:
        """True if the source maps any engagement, or comments."""
        tables: list[Strict] = [self.selectors.item, self.selectors.detail]
        if self.json_paths:
            tables += [self.json_paths.fields, self.json_paths.detail]
        return self.comments is not None or any(getattr(table, name) for table in tables for name in COUNTS)

    @property
    def revisits(self) -> tuple[float, ...]:
        """Hours after first sight at which a document is fetched again, shortest first.

        Engagement moves most in the first day, so the steps grow; a news page is looked at once more,
        for what its editors changed.
        """
        if self.revisit_hours is not None:
            return tuple(sorted(self.revisit_hours))
        return (1, 6, 24, 72, 168) if self.gives_counts else (24,)
