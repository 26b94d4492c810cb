"""The model of a source file, validated once, frozen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from fengping.errors import did_you_mean
from fengping.models import Channel, Kind, Precision
from fengping.spiders.sources.fields import (
    Alternatives,
    CssOrXPath,
    Hours,
    JsonPath,
    Pattern,
    Texts,
    check_path,
    check_selector,
)
from fengping.spiders.sources.templates import check_template, names_in
from fengping.toml import Strict

COUNTS = ("likes", "comments", "reposts", "views")
"""The engagement a source may map, by the names of :class:`~fengping.models.Engagement`."""


class SourceKind(StrEnum):
    """How a source is read."""

    RSS = "rss"
    LIST = "list"
    JSON = "json"
    BROWSER = "browser"


class ItemSelectors(Strict):
    """Where a list entry (or a comment) keeps its fields; each within the entry's own element."""

    link: Alternatives = ()
    id: Alternatives = ()
    title: Alternatives = ()
    text: Alternatives = ()
    author: Alternatives = ()
    author_id: Alternatives = ()
    site: Alternatives = ()
    published_at: Alternatives = ()
    likes: Alternatives = ()
    comments: Alternatives = ()
    reposts: Alternatives = ()
    views: Alternatives = ()


class DetailSelectors(Strict):
    """Where an article page keeps its fields; a field without one is left to the general extractor."""

    title: Alternatives = ()
    text: Alternatives = ()
    author: Alternatives = ()
    site: Alternatives = ()
    published_at: Alternatives = ()
    next_page: Alternatives = ()
    """The link to the next page of the same article."""
    likes: Alternatives = ()
    comments: Alternatives = ()
    reposts: Alternatives = ()
    views: Alternatives = ()
    remove: Alternatives = ()
    """Elements taken out before anything is read."""


class Selectors(Strict):
    """CSS or XPath of a list page and of the pages it leads to."""

    items: CssOrXPath | None = None
    next: CssOrXPath | None = None
    """The link to the next list page."""
    follow: Pattern = ""
    """Only links that match this pattern are entries (advertisements in the list are not)."""
    item: ItemSelectors = ItemSelectors()
    detail: DetailSelectors = DetailSelectors()


class JsonFields(Strict):
    """JMESPath of each field within an entry."""

    url: JsonPath | None = None
    id: JsonPath | None = None
    title: JsonPath | None = None
    text: JsonPath | None = None
    author: JsonPath | None = None
    author_id: JsonPath | None = None
    site: JsonPath | None = None
    published_at: JsonPath | None = None
    likes: JsonPath | None = None
    comments: JsonPath | None = None
    reposts: JsonPath | None = None
    views: JsonPath | None = None


class JsonPaths(Strict):
    """Where a JSON response keeps its entries and their fields."""

    items: JsonPath
    """The list of entries; ``@`` where the response itself is one."""
    fields: JsonFields
    url: str = ""
    """Template of an entry's address where the response gives only its parts: ``https://…/{id}``."""
    next: JsonPath | None = None
    """The next page's cursor, put into ``{cursor}`` of the URL, or its whole address."""
    within: str = ""
    """Text after which the JSON begins, in a page that embeds it: ``window.__STATE__=``."""
    detail_url: str = ""
    """Template of a JSON response with an entry's full form: ``https://…/extend?id={id}``."""
    detail: JsonFields = JsonFields()
    """Fields of that response; what it does not give stays as the list gave it."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.detail_url:
            check_template(self.detail_url, ("id", "url"))
            if self.detail.text is None:
                raise ValueError("json.detail_url needs json.detail.text")
        return self


class Comments(Strict):
    """The comments below each document, kept as documents of kind ``comment``.

    With ``[comments.fields]`` they are JSON (of ``url``, or of the entry itself), with
    ``[comments.selectors]`` they stand on the document's own page.
    """

    url: str = ""
    """Template of the JSON response with the comments of one post: ``{id}``, ``{url}``, ``{page}``."""
    items: str
    """The comments: a JMESPath, or CSS or XPath."""
    json_fields: JsonFields | None = Field(default=None, alias="fields")
    selectors: ItemSelectors | None = None
    max_pages: Annotated[int, Field(ge=1, le=1000)] = 5

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.json_fields is None) == (self.selectors is None):
            raise ValueError("comments need either fields (JSON) or selectors (pages)")
        text: object = None
        if self.json_fields is not None:
            check_path(self.items)
            text = self.json_fields.text
        elif self.selectors is not None:
            check_selector(self.items)
            text = self.selectors.text
        if self.url and self.json_fields is None:
            raise ValueError("comments of a url are JSON and need fields")
        if not text:
            raise ValueError("comments need to say where their text is")
        check_template(self.url, ("id", "url", "page"))
        return self


class Pagination(Strict):
    first: int = 1
    """The first value of ``{page}``."""
    step: Annotated[int, Field(ge=1)] = 1
    """What ``{page}`` grows by: 1, or the page's length where the site counts entries."""
    max_pages: Annotated[int, Field(ge=1, le=10_000)] = 1


class Rate(Strict):
    """How gently the site is asked; the home's ``[crawl]`` is the floor, a source is only gentler."""

    delay: Annotated[float, Field(ge=0)] = 0.0
    concurrency: Annotated[int, Field(ge=1, le=16)] = 16
    hours: Hours = ""


class Expect(Strict):
    """Entries that a run should meet on the lists, known ones included."""

    min_items: Annotated[int, Field(ge=0)] = 0
    max_items: Annotated[int, Field(ge=0)] = 0
    """0: no upper bound."""


class Limits(Strict):
    """Ceilings of one run; the home's ``[crawl]`` is the upper bound."""

    max_requests: Annotated[int, Field(ge=1)] | None = None
    max_seconds: Annotated[float, Field(gt=0)] | None = None
    max_bytes: Annotated[int, Field(gt=0)] | None = None
    timeout: Annotated[float, Field(gt=0)] | None = None


class Step(Strict):
    """One action in a rendered page, in order."""

    do: Annotated[str, Field(pattern="^(click|fill|press|wait|scroll)$")]
    selector: str = ""
    value: str = ""
    seconds: Annotated[float, Field(ge=0, le=120)] = 0.0


class Browser(Strict):
    """How a rendered page is worked: steps once, then scrolling until nothing new comes."""

    wait_for: str = ""
    """A selector that must be there before the page is read."""
    wait_seconds: Annotated[float, Field(ge=0, le=120)] = 0.0
    steps: tuple[Step, ...] = ()
    max_scrolls: Annotated[int, Field(ge=0, le=10_000)] = 0
    scroll_pause: Annotated[float, Field(ge=0, le=60)] = 0.8
    until_known: Annotated[int, Field(ge=0)] = 10
    """Scrolling stops after so many known posts in a row; 0 never stops for that."""
    xhr: Pattern = ""
    """Responses whose address matches are read by ``[json]`` instead of the page itself."""
    session: str = ""
    """Name of the saved login to open the page with."""
    block: tuple[str, ...] = ("image", "media", "font")


class Source(Strict):
    """One site, section, feed or search. The file's stem is its name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
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
    """What an entry is; ``news`` on news channels, else ``post``."""
    site: str = ""
    licence: str = ""
    """Terms under which the site may be read, and where they stand."""
    note: str = ""
    keywords: tuple[str, ...] = ()
    detail: bool = True
    """Whether each entry's own page is fetched; without it the list gives everything."""
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
    body: str = ""
    """Sent by POST where given, with the same templates as ``urls``."""
    allow_private: bool = False
    encoding: str = ""
    timezone: str = "Asia/Shanghai"
    precision: Precision | None = None
    """How exactly the site's times are known, where they look more exact than they are."""

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
            raise ValueError(f"there is no source kind {value!r}. {hint}")
        return value

    @field_validator("urls")
    @classmethod
    def _fetchable(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
                raise ValueError(f"{url!r} is no http(s) address")
            check_template(url)
        return urls

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{value!r} is no time zone, write one like 'Asia/Shanghai'") from None
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError(f"{value!r} is no text encoding, write one like 'gb18030'") from None
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        used = {name for url in (*self.urls, self.body) for name in names_in(url)}
        if "keyword" in used and not self.keywords:
            raise ValueError("a URL holds {keyword}, but keywords is empty")
        if self.kind is SourceKind.LIST:
            self._complete_list()
        if self.kind is SourceKind.JSON and self.json_paths is None:
            raise ValueError("a json source needs a [json] table with items and fields")
        if self.kind is SourceKind.BROWSER and self.browser is None:
            raise ValueError("a browser source needs a [browser] table")
        if "cursor" in used and (self.json_paths is None or self.json_paths.next is None):
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
    def document_kind(self) -> Kind:
        if self.document is not None:
            return self.document
        return Kind.NEWS if self.channel is Channel.NEWS else Kind.POST

    @property
    def domains(self) -> tuple[str, ...]:
        """Hosts that may be asked, subdomains included."""
        if self.allowed_domains:
            return self.allowed_domains
        return tuple(sorted({urlsplit(url).hostname or "" for url in self.urls}))

    @property
    def gives_counts(self) -> bool:
        """Whether the source maps any engagement, or comments."""
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
