"""The tables of a source file, each validated by itself."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from fengping.spiders.sources.fields import (
    Alternatives,
    CssOrXPath,
    Hours,
    JsonPath,
    Pattern,
    check_path,
    check_selector,
)
from fengping.spiders.sources.templates import check_template, names_in
from fengping.toml import Strict

COUNTS = ("likes", "comments", "reposts", "views")
"""The engagement a source may map, by the names of :class:`~fengping.models.Engagement`."""


class ItemSelectors(Strict):
    """Selectors of a list entry's (or comment's) fields; each within the entry's own element."""

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
    region: Alternatives = ()
    """Region that the platform tells (IP 属地)."""
    images: Alternatives = ()
    videos: Alternatives = ()
    """Addresses, of which the first is kept."""


class DetailSelectors(Strict):
    """Selectors of an article page's fields; a field without one is left to the general extractor."""

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
    region: JsonPath | None = None
    """Region that the platform tells (IP 属地)."""
    images: JsonPath | None = None
    """Addresses, in whatever shape they stand; at most fifty are kept."""
    videos: JsonPath | None = None


class JsonPaths(Strict):
    """Paths of a JSON response's entries and their fields."""

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
    """Template of the JSON response with the comments of one post: ``{id}``, ``{url}``, ``{page}``,
    ``{cursor}``."""
    items: str
    """The comments: a JMESPath, or CSS or XPath."""
    json_fields: JsonFields | None = Field(default=None, alias="fields")
    selectors: ItemSelectors | None = None
    next: JsonPath | None = None
    """The cursor of the next page, put into ``{cursor}`` of the URL; the first page has none."""
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
        check_template(self.url, ("id", "url", "page", "cursor"))
        if ("cursor" in names_in(self.url)) != (self.next is not None):
            raise ValueError("comments.next and {cursor} in comments.url need each other")
        return self


class Pagination(Strict):
    first: int = 1
    """The first value of ``{page}``."""
    step: Annotated[int, Field(ge=1)] = 1
    """Step of ``{page}``: 1, or the page's length where the site counts entries."""
    max_pages: Annotated[int, Field(ge=1, le=10_000)] = 1


class Rate(Strict):
    """Request rate of a site; the home's ``[crawl]`` is the floor, a source is only gentler."""

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
    """Actions on a rendered page: steps once, then scrolling until nothing new comes."""

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
