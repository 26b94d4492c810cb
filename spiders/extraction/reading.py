"""One page, read."""

from __future__ import annotations

from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from fengping.spiders.extraction.decoding import decode
from fengping.spiders.extraction.page import NotAPage, Page, Selectors
from fengping.spiders.extraction.times import parse_time

_SIGNATURES = {
    b"%PDF-": "a PDF", b"\x89PNG": "an image", b"\xff\xd8\xff": "an image", b"GIF8": "an image",
    b"PK\x03\x04": "an archive or office file", b"\x1f\x8b": "gzip-compressed", b"\x28\xb5\x2f\xfd": "compressed",
}  # fmt: skip


def extract(
    html: bytes | str,
    *,
    url: str = "",
    encoding: str | None = None,
    fetched_at: datetime,
    selectors: Selectors | None = None,
) -> Page:
    """What the page says. *encoding* is the charset of the HTTP header; *fetched_at* is aware.

    Broken HTML is read as browsers do; a page without an article comes back with empty fields. Raises
    :class:`NotAPage` for bytes that are no HTML or text at all (PDF, image, archive).
    """
    name = "utf-8"
    if isinstance(html, bytes):
        for signature, what in _SIGNATURES.items():
            if html.startswith(signature):
                raise NotAPage(f"This is {what}, not an HTML page.")
        html, name = decode(html, encoding)
    tree = LexborHTMLParser(html)
    head = tree.css_first("title")
    title = " ".join(head.text().split()) if head else ""
    text = "\n".join(t for p in tree.css("p") if (t := p.text().strip()))
    found = parse_time(tree.body.text(separator=" ")[:5000], fetched_at) if tree.body else None
    moment, precision = found or (None, None)
    return Page(title=title, text=text, published_at=moment, precision=precision, encoding=name)
