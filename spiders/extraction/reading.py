"""One page, read: selectors, then structured data, then the general extractor, field by field."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from fengping.models import Engagement, Precision
from fengping.spiders.extraction.body import NOTHING, Body, find_body
from fengping.spiders.extraction.bylines import WEAK_SITES, find_byline
from fengping.spiders.extraction.counts import find_engagement, parse_count
from fengping.spiders.extraction.decoding import decode
from fengping.spiders.extraction.media import find_media, find_region
from fengping.spiders.extraction.page import NotAPage, Page, Selectors
from fengping.spiders.extraction.paging import find_next
from fengping.spiders.extraction.publication import find_publication
from fengping.spiders.extraction.selecting import Selection
from fengping.spiders.extraction.state import State, read_state
from fengping.spiders.extraction.structured import plain, read_json_ld, read_metas
from fengping.spiders.extraction.times import parse_time
from fengping.spiders.extraction.titles import Title, find_title
from fengping.spiders.extraction.tree import parse, read_blocks

_SIGNATURES = {
    b"%PDF-": "a PDF", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image", b"GIF8": "an image",
    b"RIFF": "an image or sound", b"PK\x03\x04": "an archive or office file", b"Rar!": "an archive",
    b"\xd0\xcf\x11\xe0": "an office file", b"\x1f\x8b": "gzip-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed", b"\x7fELF": "a program", b"MZ\x90": "a program",
    b"SQLite format 3": "a database", b"\x00\x00\x00": "a film",
}  # fmt: skip
_TITLE_METAS = ("articletitle", "og:title", "twitter:title", "title", "headline")
_UPDATED = '[itemprop="dateUpdate"], [itemprop="dateModified"], [property="dateModified"]'
"""Elements that state the last edition: better than no date, or one without a year."""
_POOR = 150
"""Weight of a body below which the page's scripts and hidden parts are searched for a better one."""
_COUNTS = ("likes", "comments", "reposts", "views")


def extract(
    html: bytes | str,
    *,
    url: str = "",
    encoding: str | None = None,
    fetched_at: datetime,
    selectors: Selectors | None = None,
) -> Page:
    """Extract the article of a page. *encoding* is the charset of the HTTP header; *fetched_at* is aware.

    Broken HTML is read as browsers do; a page without an article comes back with empty fields. Raises
    :class:`NotAPage` for bytes that are no text (PDF, image, archive) and ``ConfigError`` for a selector
    that is none.
    """
    name = "utf-8"
    utf8 = None
    if isinstance(html, bytes):
        _refuse_binary(html)
        data = html
        html, name = decode(data, encoding)
        utf8 = data if name == "utf-8" and "\ufffd" not in html and not data.startswith(BOM_UTF8) else None
    if "<" not in html:  # JSON, plain text: no page, and so without an article
        return Page(encoding=name)
    reading = _Reading(parse(html, utf8), url, fetched_at, selectors or Selectors())
    page = reading.page()
    return replace(page, encoding=name)


def _refuse_binary(data: bytes) -> None:
    for signature, what in _SIGNATURES.items():
        if data.startswith(signature):
            raise NotAPage(f"This is {what}, not an HTML page.")
    head = data[:4096]
    # Text in UTF-16 holds NULs too, but few other control characters.
    if b"<" not in head and sum(c < 9 or 13 < c < 32 for c in head) > len(head) // 10:
        raise NotAPage("These bytes are no HTML page.")


@dataclass
class _Reading:
    """The work on one page; each method fills one field and notes how."""

    parser: LexborHTMLParser
    url: str
    fetched_at: datetime
    selectors: Selectors
    methods: dict[str, str] = field(default_factory=dict)

    def page(self) -> Page:
        self.selection = Selection(self.parser)
        if self.selectors.remove:
            self.parser = self.selection.without(self.selectors.remove)
        self.metas = read_metas(self.parser)
        self.ld = read_json_ld(self.parser)
        node = self.parser.css_first("title")
        self.head = " ".join(node.text().split()) if node is not None else ""
        self.document = read_blocks(self.parser)
        self._state: State | None = None
        title = self.title()
        body = self.body(title)
        place = (body.first, body.last) if body.lines and body.first >= 0 else None
        moment, precision = self.publication(title.at, place)
        author, site = self.byline(title.at, place)
        return Page(
            title=title.text,
            text=body.text,
            author=author,
            site=site,
            published_at=moment,
            precision=precision,
            engagement=self.engagement(title.at, place),
            region=find_region(self.document.blocks, title.at, body) if place else "",
            media=find_media(self.parser, body, self.url),
            next_url=self.next_url(),
            canonical_url=self.canonical_url(),
            methods=self.methods,
        )

    def state(self) -> State:
        if self._state is None:
            self._state = read_state(self.parser, self.head)
        return self._state

    def selected(self, name: str) -> str:
        """Return the text at the source's selector for a field; noted where it finds one."""
        selectors = getattr(self.selectors, name)
        value = self.selection.value(selectors) if selectors else ""
        return value

    def note(self, name: str, method: str) -> None:
        if method:
            self.methods[name] = method

    def title(self) -> Title:
        named = {"json-ld": plain(str(self.ld.get("headline") or self.ld.get("title") or ""))}
        named |= {f"meta:{m}": plain(self.metas.get(m, "")) for m in _TITLE_METAS}
        found = find_title(self.document, self.head, {k: v for k, v in named.items() if v})
        if selected := self.selected("title"):
            found = Title(selected, "selector", found.at)
        elif not found.text and self.state().title:
            found = Title(plain(self.state().title), "state", None)
        self.note("title", found.method if found.text else "")
        return found

    def body(self, title: Title) -> Body:
        if self.selectors.text and (lines := self.selection.lines(self.selectors.text)):
            self.note("text", "selector")
            return self._placed(lines)
        body, method = find_body(self.document, title_at=title.at, title=title.text), "density"
        if body.weight < _POOR:
            for other, name in self._hidden_bodies(title):
                if other.weight > max(2 * body.weight, 20):
                    body, method = other, name
        self.note("text", method if body.lines else "")
        return body

    def _hidden_bodies(self, title: Title) -> list[tuple[Body, str]]:
        """Bodies that the page holds without showing them."""
        found = [(self._fragment(self.state().content, title), "state")]
        article = self.ld.get("articleBody") or self.ld.get("text")
        found.append((self._fragment(article if isinstance(article, str) else "", title), "json-ld"))
        for node in self.parser.css(
            "textarea,noscript,template,script[type='text/html'],script[type='text/template']"
        ):
            inner = node.text() if node.tag in ("textarea", "script") else node.inner_html or ""
            found.append((self._fragment(inner, title), node.tag or ""))
        shown = find_body(read_blocks(self.parser, hidden=True), title_at=title.at, title=title.text)
        # Its places are those of another list of blocks.
        found.append((replace(shown, first=-1, last=-1), "hidden"))
        return found

    def _fragment(self, html: str, title: Title) -> Body:
        if "&lt;" in html and "<" not in html:
            html = unescape(html)
        if len(html) < 40:
            return NOTHING
        if "<" not in html:
            html = html.replace("\n", "<br>")
        body = find_body(read_blocks(parse(html)), title_at=None, title=title.text)
        return replace(body, first=-1, last=-1)

    def _placed(self, lines: list[str]) -> Body:
        """A body found by selector, with its place among the blocks."""
        wanted = {lines[0], lines[-1]}
        places = [b.index for b in self.document.blocks if b.text in wanted]
        first, last = (places[0], places[-1]) if places else (-1, -1)
        return Body(tuple(lines), first, last, float(sum(map(len, lines))))

    def publication(
        self, title_at: int | None, body: tuple[int, int] | None
    ) -> tuple[datetime | None, Precision | None]:
        if (text := self.selected("time")) and (found := parse_time(text, self.fetched_at)):
            self.note("published_at", "selector")
            return found
        publication = find_publication(
            self.document, self.metas, self.ld,
            title_at=title_at, body=body, url=self.url, fetched_at=self.fetched_at,
        )  # fmt: skip
        if publication is None or publication.method == "url" or not publication.has_year:
            text = self.state().time
            if text and (found := parse_time(text, self.fetched_at)):
                self.note("published_at", "state")
                return found
            for node in self.parser.css(_UPDATED):
                if found := parse_time(node.attributes.get("content") or node.text(), self.fetched_at):
                    self.note("published_at", "updated")
                    return found
        if publication is None:
            return None, None
        self.note("published_at", publication.method)
        precision = publication.precision if publication.has_year else Precision.YEAR_INFERRED
        return publication.moment, precision

    def byline(self, title_at: int | None, body: tuple[int, int] | None) -> tuple[str, str]:
        found = find_byline(self.document, self.metas, self.ld, self.head, title_at=title_at, body=body)
        author, site = self.selected("author"), self.selected("site")
        self.note("author", "selector" if author else found.author_method)
        self.note("site", "selector" if site else found.site_method)
        author, site = author or found.author, site or found.site
        if (not site or found.site_method in WEAK_SITES) and "selector" not in self.methods.get("site", ""):
            state = self.state()
            if state.source:
                site = state.source
                self.note("site", "state")
            if not author and state.author not in ("", site):
                author = state.author
                self.note("author", "state")
        return author, site

    def engagement(self, title_at: int | None, body: tuple[int, int] | None) -> Engagement:
        found, methods = find_engagement(self.document.blocks, self.ld, title_at=title_at, body=body)
        counts: dict[str, Any] = {}
        for name in _COUNTS:
            selected = parse_count(self.selected(name))
            if selected is not None:
                counts[name] = selected
                methods[name] = "selector"
            elif getattr(found, name) is None and self._state and name in self._state.counts:
                counts[name] = self._state.counts[name]
                methods[name] = "state"
        self.methods.update(methods)
        return replace(found, **counts)

    def next_url(self) -> str:
        if selected := self.selected("next_page"):
            self.note("next_url", "selector")
            return urljoin(self.url, selected)
        found = find_next(self.parser, self.document, self.url)
        self.note("next_url", "link" if found else "")
        return found

    def canonical_url(self) -> str:
        top = self.parser.head
        node = top.css_first('link[rel="canonical"]') if top is not None else None
        href = (node.attributes.get("href") if node is not None else "") or self.metas.get("og:url", "")
        try:
            target = urljoin(self.url, href.strip())
        except ValueError:
            return ""
        return target if href and target.startswith(("http://", "https://")) else ""
