"""The next page of an article that is spread over several."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from fengping.spiders.extraction.tree import Document

_SAYS_NEXT = ("下一页", "下页", "后一页", "下一頁", "余下全文", "next", "Next", "NEXT")
_NEXT = re.compile(
    r"^[\s\[【（(<>»›]*(?:下一页|下页|后一页|下一頁|余下全文|next(?: page)?)[\s\]】）)>»›]*$", re.I
)


def find_next(parser: LexborHTMLParser, document: Document, url: str) -> str:
    """URL of the next page, absolute where *url* is known; empty where the page names none.

    A link counts when the page says it leads to the next page and its address differs from *url* only in
    numbers or an added page number: lists of comments or of other articles are paged too.
    """
    for node in parser.head.css('link[rel="next"]') if parser.head is not None else ():
        if target := _target(node.attributes.get("href"), url):
            return target
    if not _links_onward(document):
        return ""
    for node in parser.css("a[href]"):
        text = node.text()
        if len(text) <= 20 and _NEXT.match(text):
            target = _target(node.attributes.get("href"), url)
            if target and (not url or _same_article(target, url)):
                return target
    return ""


def _links_onward(document: Document) -> bool:
    """True if a line with links names a next page: most pages have none, and hundreds of other links."""
    # Word by word: an alternation of them would be tried at each character.
    return any(
        document.blocks[bisect_right(document.chars, at) - 1].linked
        for word in _SAYS_NEXT
        for at in _places(document.text, word)
    )


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _target(href: str | None, url: str) -> str:
    href = (href or "").strip()
    if not href or href.startswith(("#", "javascript:", "mailto:")):
        return ""
    try:
        target = urljoin(url, href)
        scheme = urlsplit(target).scheme
    except ValueError:
        return ""
    if (url and scheme not in ("http", "https")) or target.partition("#")[0] == url.partition("#")[0]:
        return ""
    return target


def _same_article(target: str, url: str) -> bool:
    """True if two addresses have one host and one shape: paths alike but for one number."""
    one, two = urlsplit(url), urlsplit(target)
    if one.netloc != two.netloc:
        return False
    return _stem(one.path) == _stem(two.path) and (one.path != two.path or one.query != two.query)


def _stem(path: str) -> str:
    """The path without suffix and page number: ``/a/12_2.html`` and ``/a/12.html`` → ``/a/12``."""
    path = re.sub(r"\.\w{2,5}$", "", path)
    return re.sub(
        r"(?:(?<=\d)[_-]\d{1,3}|[_-](?:p|page)?\d{1,2}|/(?:p|page)?\d{1,2}|/index)$", "", path
    ).rstrip("/")
