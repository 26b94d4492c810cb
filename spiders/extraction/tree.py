"""A parsed page as a row of blocks: the lines of text between two block boundaries, with their elements.

lexbor, a browser-conforming HTML 5 parser in C, mends the page; its serialised tree is then read once by
compiled code, a tenth of what visiting its nodes from Python costs. All later steps work on the blocks,
whose order makes every element a range of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from fengping.spiders.extraction.crowded_kernel import crowded
from fengping.spiders.extraction.markup_kernel import BLOCK, BREAK, LINK, SILENT, VOID, table
from fengping.spiders.extraction.tree_kernel import Marks, scan

_BLOCK = (
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "li", "main", "menu", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
)  # fmt: skip
_VOID = (
    "area", "base", "col", "embed", "img", "input", "link", "meta", "param", "source", "track", "wbr",
)  # fmt: skip
_SILENT = (
    "script", "style", "textarea", "noscript", "template", "svg", "math", "select", "iframe", "button",
    "video", "audio", "object", "canvas", "map", "rt", "rp",
)  # fmt: skip
_TAGS = table(
    {"a": LINK, "br": BREAK, "hr": BREAK}
    | dict.fromkeys(_VOID, VOID)
    | dict.fromkeys(_SILENT, SILENT)
    | {tag: BLOCK + number for number, tag in enumerate(_BLOCK)}
)

# Browsers limit nesting too (to 512); lexbor's time grows with the square of the depth.
_DEEPEST = 256
_MOST_ATTRIBUTES = 1_000
_PASSES = 8
_MANY_TAGS = 10_000
# Tags that nest without end when unclosed; then those that close their like, and nest only inside the first.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|br|img|input|meta|link|hr|col|source|area|param|wbr|embed|base|html|head|body|title)\b)"
    r"(?:(li|td|th|tr|dd|dt|option|tbody|thead|tfoot)|([a-z][a-z0-9]*))\b[^>]*>",
    re.I,
)
TAG = re.compile(r'<[^>"]*(?:"[^"]*"[^>"]*)*>')
"""A tag as lexbor writes it."""


@dataclass(slots=True, eq=False)
class Element:
    """A block-level element. Its text is ``blocks[first:last]``.

    It knows what it stands in, not what stands in it: without cycles a page is gone as soon as it is read.
    """

    tag: str
    parent: Element | None
    names: str
    """Class and id, lower case."""
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
    ends: bool
    """True if a sentence ends in it."""
    has_digit: bool


@dataclass(slots=True, eq=False)
class Document:
    """A page as blocks and elements, both in the order of the page; ``elements[0]`` is the body."""

    blocks: list[Block]
    elements: list[Element]
    text: str
    """All blocks' texts, one after the other."""
    chars: list[int]
    """(blocks + 1,): characters before each block, and of all."""
    links: list[int]
    """(blocks + 1,): characters in links before each block, and of all."""
    weights: list[float]
    """(blocks,): characters of prose in each, as far as its punctuation shows."""
    opened_by_link: list[Element]
    """Elements of two blocks or more whose first is little but a link."""
    html: str
    noted: list[list[int]]
    """Rows of :attr:`Marks.noted`, in the order of the page."""
    _children: dict[Element, list[Element]] = field(default_factory=dict)

    def children(self, element: Element) -> list[Element]:
        """The elements right below *element*, in the order of the page."""
        if not self._children:
            for inner in self.elements:
                if inner.parent is not None:
                    self._children.setdefault(inner.parent, []).append(inner)
        return self._children.get(element, [])

    def named(self, kinds: int) -> Iterator[tuple[str, str]]:
        """Tag and content of the elements whose attributes say that they hold one of *kinds* (`AUTHOR` …)."""
        for says, tag_at, begin, end in self.noted:
            if says & kinds:
                yield self.html[tag_at:begin], self.html[begin:end]


def parse(html: str, utf8: bytes | None = None) -> LexborHTMLParser:
    """The tree a browser would make, nested no deeper than browsers nest; *utf8* is *html* in bytes."""
    if utf8 is None:
        # A lone surrogate, as json's \\ud800 leaves behind, has no UTF-8 form.
        utf8 = html.encode("utf-8", "replace")
    utf8 = without_crowds(utf8)
    if np.count_nonzero(np.frombuffer(utf8, np.uint8) == ord("<")) > _MANY_TAGS:
        utf8 = _flattened(html).encode("utf-8", "replace")
    return LexborHTMLParser(utf8)


def without_crowds(utf8: bytes) -> bytes:
    """*utf8* without the attributes of tags that have more of them than parsers read in linear time."""
    for _ in range(_PASSES):
        if len(utf8) < 2 * _MOST_ATTRIBUTES:
            return utf8
        spans = crowded(np.frombuffer(utf8, np.uint8), _MOST_ATTRIBUTES).tolist()
        if not spans:
            return utf8
        kept, at = [], 0
        for begin, end in spans:
            kept.append(utf8[at:begin])
            # What looks like a tag in a script must not swallow the script's end.
            closing = utf8.find(b"</", begin, end)
            at = end if closing < 0 else closing
        utf8 = b"".join([*kept, utf8[at:]])
    # Tags within tags without end: nobody wrote this for readers.
    return utf8[: spans[0][0]]


def _flattened(html: str) -> str:
    """*html* without the tags that nest deeper than :data:`_DEEPEST`."""
    opened: list[str] = []
    dropped = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal dropped
        closing, item, name = match.groups()
        if item:
            return "" if dropped else match.group()
        name = name.lower()
        if closing:
            if dropped:
                dropped -= 1
                return ""
            if name in opened:  # parsers pass over the end of what is not open
                del opened[len(opened) - 1 - opened[::-1].index(name) :]
        elif len(opened) >= _DEEPEST:
            dropped += 1
            return ""
        else:
            opened.append(name)
        return match.group()

    return _NESTING.sub(keep, html)


def read_blocks(parser: LexborHTMLParser, *, hidden: bool = False) -> Document:
    """The blocks of the page; with *hidden*, also those that its own styles hide."""
    body = parser.body
    html = (body.html or "") if body is not None else ""
    codes = np.array(f"{html}<br>", ndmin=1).view(np.uint32)  # a third of the time of encoding it
    found = Marks(*scan(codes, *_TAGS, hidden))
    elements = _elements(found, html)
    text, spaced = (x.tobytes().decode("utf-32-le") for x in (found.text, found.spaced))
    return Document(
        blocks=_blocks(found, elements, text, spaced),
        elements=elements,
        text=text,
        chars=[0, *found.text_end.tolist()],
        links=found.linked_before.tolist(),
        weights=found.weight.tolist(),
        opened_by_link=[elements[i] for i in found.opened_by_link.tolist()],
        html=html,
        noted=found.noted.tolist(),
    )


def _elements(found: Marks, html: str) -> list[Element]:
    made: list[Element] = []
    names = [
        (f"{html[a:b]} {html[c:d]}" if d else html[a:b]).lower() if b else ""
        for a, b, c, d in found.names.tolist()
    ]
    columns = (found.tag.tolist(), found.parent.tolist(), names, found.first.tolist(), found.last.tolist())
    for tag, parent, name, first, last in zip(*columns, strict=True):
        made.append(Element(_BLOCK[tag], made[parent] if parent >= 0 else None, name, first, last))
    return made


def _blocks(found: Marks, elements: list[Element], text: str, spaced: str) -> list[Block]:
    ends, apart_ends = found.text_end.tolist(), found.spaced_end.tolist()
    lines = [text[begun:end] for begun, end in zip([0, *ends], ends, strict=False)]
    apart = [
        spaced[begun:end] if end > begun else line
        for line, begun, end in zip(lines, [0, *apart_ends], apart_ends, strict=False)
    ]
    owners = [elements[owner] for owner in found.owner.tolist()]
    sentences, digits = ((found.flags & bit > 0).tolist() for bit in (1, 2))
    return list(map(Block, lines, found.linked.tolist(), owners, range(len(lines)), apart, sentences, digits))
