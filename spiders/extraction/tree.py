"""A parsed page as a row of blocks: the lines of text between two block boundaries, with their elements.

lexbor, a browser-conforming HTML 5 parser in C, mends the page; its serialised tree is then read once,
tag by tag, which costs a quarter of visiting its nodes from Python. All later steps work on the blocks,
whose order makes every element a range of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from selectolax.lexbor import LexborHTMLParser

_BLOCK = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "li", "main", "menu", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_VOID = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
))  # fmt: skip
_SILENT = (
    "script", "style", "textarea", "noscript", "template", "svg", "math", "select", "iframe", "button",
    "video", "audio", "object", "canvas", "map", "rt", "rp",
)  # fmt: skip
# One tag of serialised HTML and the text after it. Attributes stand in double quotes, elements are closed.
_TOKEN = re.compile(
    rf"<(?:({'|'.join(_SILENT)})\b[^>]*>[^<]*(?:<(?!/\1>)[^<]*)*</\1>|/([a-z0-9]+)>"
    r'|([a-z][^\s>/]*)([^>"]*(?:"[^"]*"[^>"]*)*)>|!--.*?-->)?([^<]*)',
    re.S,
)
_CLASS = re.compile(r'\b(?:class|id)="([^"]*)"')
# Zero-width marks, and private characters that only an icon font draws.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff\ue000-\uf8ff]")
_HIDDEN = re.compile(r'\shidden(?:=|\s|$)|style="[^"]*display:\s*none', re.I)

# Browsers limit nesting too (to 512); lexbor's time grows with the square of the depth.
_DEEPEST = 256
_MANY_TAGS = 10_000
_SHORT = 150
# Tags that nest without end when unclosed; then those that close their like, and nest only inside the first.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|br|img|input|meta|link|hr|col|source|area|param|wbr|embed|base|html|head|body|title)\b)"
    r"(?:(li|td|th|tr|dd|dt|option|tbody|thead|tfoot)|[a-z][a-z0-9]*)\b[^>]*>",
    re.I,
)


@dataclass(slots=True, eq=False)
class Element:
    """A block-level element. Its text is ``blocks[first:last]``."""

    tag: str
    parent: Element | None
    names: str
    """Class and id, lower case."""
    children: list[Element] = field(default_factory=list)
    first: int = 0
    last: int = 0


@dataclass(slots=True, eq=False)
class Block:
    """A run of text without a block boundary or line break, white space collapsed."""

    text: str
    linked: int
    """Characters of it that stand in links."""
    element: Element
    index: int
    spaced: str
    """The text with a space between inline elements: styles may set apart what the text runs together."""


@dataclass(slots=True, eq=False)
class Document:
    """A page as blocks and elements, both in the order of the page; ``elements[0]`` is the body."""

    blocks: list[Block]
    elements: list[Element]


def parse(html: str) -> LexborHTMLParser:
    """The tree a browser would make, nested no deeper than browsers nest."""
    if html.count("<") > _MANY_TAGS:
        html = _flattened(html)
    # A lone surrogate, as json's \\ud800 leaves behind, has no UTF-8 form.
    return LexborHTMLParser(html.encode("utf-8", "replace"))


def _flattened(html: str) -> str:
    """*html* without the tags that nest deeper than :data:`_DEEPEST`."""
    depth = dropped = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth, dropped
        closing, item = match.groups()
        if item:
            return "" if dropped else match.group()
        if closing:
            if dropped:
                dropped -= 1
                return ""
            depth = max(depth - 1, 0)
        elif depth >= _DEEPEST:
            dropped += 1
            return ""
        else:
            depth += 1
        return match.group()

    return _NESTING.sub(keep, html)


def read_blocks(parser: LexborHTMLParser, *, hidden: bool = False) -> Document:
    """The blocks of the page; with *hidden*, also those that its own styles hide."""
    body = parser.body
    return _Reader(hidden).read(body.html or "") if body is not None else Document([], [])


class _Reader:
    """Makes blocks of serialised HTML. Text that belongs to another element than the text before it begins
    a new block, so ends of blocks need no attention.
    """

    def __init__(self, hidden: bool) -> None:
        self.hidden = hidden
        self.blocks: list[Block] = []
        self.elements: list[Element] = []
        self.parts: list[str] = []
        self.linked = 0
        self.element: Element | None = None

    def read(self, html: str) -> Document:
        # Open elements: tag, nearest block-level element (None: hidden), whether inside a link
        top: tuple[str, Element | None, bool] = ("", None, False)
        stack = [top]
        for match in _TOKEN.finditer(html):
            _, end, tag, attributes, text = match.groups()
            if end is not None:
                if end == top[0]:
                    stack.pop()
                    top = stack[-1]
            elif tag is not None:
                if tag in _BLOCK:
                    if self.parts:
                        self.flush()
                    top = (tag, self.open(tag, attributes, top[1]), top[2])
                    stack.append(top)
                elif tag not in _VOID:
                    shown = None if "none" in attributes and self.hides(attributes) else top[1]
                    top = (tag, shown, top[2] or tag == "a")
                    stack.append(top)
                elif tag == "br" or tag == "hr":
                    self.flush()
            if text:
                if text.isspace():
                    if self.parts:
                        self.parts.append(" ")
                elif top[1] is not None:
                    self.text(text, top[1], top[2])
        self.flush()
        document = Document(self.blocks, self.elements)
        _close(document)
        return document

    def open(self, tag: str, attributes: str, outer: Element | None) -> Element | None:
        names = ""
        if self.elements and outer is None:
            return None
        if attributes:
            if ("none" in attributes or "hidden" in attributes) and self.elements and self.hides(attributes):
                return None
            names = " ".join(_CLASS.findall(attributes)).lower()
        element = Element(tag, outer, names)
        if outer is not None:
            outer.children.append(element)
        self.elements.append(element)
        return element

    def hides(self, attributes: str) -> bool:
        return not self.hidden and _HIDDEN.search(attributes) is not None

    def text(self, text: str, element: Element, in_link: bool) -> None:
        if element is not self.element:
            self.flush()
            self.element = element
        if "&" in text:
            text = unescape(text)
        self.parts.append(text)
        if in_link:
            self.linked += len(text.strip())

    def flush(self) -> None:
        if self.parts and self.element is not None:
            text = " ".join("".join(self.parts).split())
            if not text.isascii():
                text = _INVISIBLE.sub("", text)
            if text:
                linked = min(self.linked, len(text))
                spaced = text
                if len(self.parts) > 1 and len(text) <= _SHORT:
                    spaced = _INVISIBLE.sub("", " ".join(" ".join(self.parts).split()))
                self.blocks.append(Block(text, linked, self.element, len(self.blocks), spaced))
        self.parts = []
        self.linked = 0


def _close(document: Document) -> None:
    """Sets the range of every element: its own blocks and those of its children."""
    beyond = len(document.blocks)
    for element in document.elements:
        element.first = beyond
    for block in document.blocks:
        own = block.element
        own.first, own.last = min(own.first, block.index), block.index + 1
    for element in reversed(document.elements):
        if element.parent is not None and element.last:
            element.parent.first = min(element.parent.first, element.first)
            element.parent.last = max(element.parent.last, element.last)
        elif not element.last:
            element.first = 0
