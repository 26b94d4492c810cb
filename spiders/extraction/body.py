"""The body of an article: the element whose lines read like prose, and what of it is not the article.

The method, with no knowledge of any site:

1. Every line gets a weight: its characters outside links, if it is punctuated as written sentences are.
2. Every element collects the weights of the lines near it (a line counts less the deeper it lies); links,
   names that speak of comments, lists or navigation, and time stamps as under comments count against it.
3. From the best element the search climbs: siblings of the same make that read like prose belong to it.
4. Lines of editors, notices, share bars and link lists go; a heading such as 相关阅读 ends the article.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from fengping.spiders.extraction.boilerplate import (
    hint,
    is_noise,
    is_notice,
    names_other_section,
    opens_other_section,
)
from fengping.spiders.extraction.tree import Block, Document, Element

_NEARNESS = (1.0, 1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1)
"""Shares of a line's score for the element it stands in, its parent, its grandparent …"""
_NOT_ARTICLE = frozenset(("nav", "footer", "aside", "menu"))
_CONTENT = frozenset((
    "p", "section", "blockquote", "ul", "ol", "table", "figure", "h2", "h3", "h4", "h5", "pre", "dl",
    "article",
))  # fmt: skip
_STAMP = re.compile(
    r"^.{0,24}?(?:\d{1,2}[:：]\d{2}|\d+\s?(?:秒|分钟|小时|天)前|刚刚|(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}).{0,24}$"
)
_STAMP_SIGNS = (":", "20", "：", "前", "19", "刚")
_FAR = 100
"""Lines between title and body that halve the likelihood of the body."""
_CELLS = frozenset(("td", "th"))
_CELL = 40
"""Characters of a cell of data; longer ones hold text."""
_NOT_WORD = re.compile(r"[\W_]+")
_ENOUGH, _LITTLE = 60, 15
"""Weights below which a page is taken to hide its article from the first and second attempt."""


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of an article, its first and last line's place in the page, and how sure (their weight)."""

    lines: tuple[str, ...]
    first: int
    last: int
    weight: float

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


NOTHING = Body((), 0, 0, 0.0)


def find_body(document: Document, *, title_at: int | None, title: str) -> Body:
    """The article of the page; :data:`NOTHING` where no line reads like prose.

    *title_at* is the index of the block that shows the title.
    """
    if not document.blocks:
        return NOTHING
    found = NOTHING
    teasers = _teasers(document)

    def telling(element: Element) -> bool:
        return element.tag in _NOT_ARTICLE or element in teasers or hint(element.names) < 0

    # A site may give its article a name that others give their adverts, or even their comments.
    for shades, enough in ((telling, _ENOUGH), (names_other_section, _LITTLE), (None, 0.0)):
        other = _Search(document, title_at, title, shades).run()
        if other.weight > 2 * found.weight:
            found = other
        if found.weight >= enough:
            break
    return found


def _teasers(document: Document) -> frozenset[Element]:
    """Three or more siblings of a kind that open with a line of nothing but a link: other articles with
    their summaries, or comments under the names of those who wrote them.
    """
    kinds: dict[tuple[Element, str], list[Element]] = {}
    for element in document.opened_by_link:
        if element.parent is not None:
            kinds.setdefault((element.parent, element.tag), []).append(element)
    return frozenset(e for alike in kinds.values() if len(alike) >= 3 for e in alike)


class _Search:
    def __init__(
        self, document: Document, title_at: int | None, title: str, shades: Callable[[Element], bool] | None
    ) -> None:
        self.blocks = document.blocks
        self.elements = document.elements
        self.children = document.children
        self.title_at = title_at
        self.title = _bare(title)
        self.shades = shades
        self.shaded: dict[Element, bool] = {}
        self.weights = [
            weight if weight and self._is_prose(block) else 0.0
            for weight, block in zip(document.weights, self.blocks, strict=True)
        ]
        self.prose = [0.0, *accumulate(self.weights)]
        self.chars = document.chars
        self.links = document.links
        self.stamps = [0, *accumulate(b.has_digit and _is_stamp(b.text) for b in self.blocks)]

    def run(self) -> Body:
        best = self._best()
        if best is None:
            return NOTHING
        if best.tag == "p" and best.parent is not None and self._is_frame(best.parent, best):
            best = best.parent
        kept = list(self._clean(self._grow(best)))
        if not kept:
            return NOTHING
        weight = sum(self.weights[b.index] for b in kept)
        return Body(tuple(_lines(kept)), kept[0].index, kept[-1].index, weight)

    def _is_shaded(self, element: Element) -> bool:
        """True if *element*, or one around it, is taken for no article; one that holds the title never is."""
        asked: list[Element] = []
        at: Element | None = element
        while at is not None and at not in self.shaded:
            asked.append(at)
            at = at.parent
        shaded = at is not None and self.shaded[at]
        for inner in reversed(asked):
            shaded = shaded or self._is_telling(inner)
            self.shaded[inner] = shaded
        return shaded

    def _is_telling(self, element: Element) -> bool:
        if self.shades is None or element.parent is None:
            return False
        holds_title = self.title_at is not None and element.first <= self.title_at < element.last
        return not holds_title and self.shades(element)

    def _is_prose(self, block: Block) -> bool:
        return not (self._is_shaded(block.element) or is_noise(block.text) or is_notice(block.text))

    def _share(self, sums: list[int], element: Element) -> int:
        return sums[element.last] - sums[element.first]

    def _best(self) -> Element | None:
        scores: dict[Element, float] = {}
        for block, weight in zip(self.blocks, self.weights, strict=True):
            if not weight:
                continue
            element: Element | None = block.element
            for nearness in _NEARNESS:
                if element is None:
                    break
                scores[element] = scores.get(element, 0.0) + nearness * weight
                element = element.parent
        best, top = None, 0.0
        for element, score in scores.items():
            score *= self._factor(element)
            if score > top:
                best, top = element, score
        return best

    def _is_frame(self, element: Element, paragraph: Element) -> bool:
        """True if *element* holds little more than its one paragraph of prose: headings, a signature."""
        chars = self._share(self.chars, element)
        return (
            chars <= 2 * self._share(self.chars, paragraph) and 5 * self._share(self.links, element) < chars
        )

    def _factor(self, element: Element) -> float:
        factor = 1.0 - self._share(self.links, element) / max(self._share(self.chars, element), 1)
        if element.tag != "body" and hint(element.names) > 0:
            factor *= 1.3
        if (stamps := self._share(self.stamps, element)) > 2:
            factor *= (2 / stamps) ** 2
        if self.title_at is not None:
            gap = element.first - self.title_at
            factor *= 0.5 if element.last <= self.title_at else 1 / (1 + max(gap, 0) / _FAR)
        return factor

    def _grow(self, best: Element) -> list[tuple[int, int]]:
        """Ranges of blocks: *best* and the siblings, at any level above, that continue it."""
        ranges = [(best.first, best.last)]
        branch = best
        while (parent := branch.parent) is not None:
            siblings = self.children(parent)
            joined = [s for s in siblings if s is not branch and self._continues(s, branch)]
            own = self._own_text(parent)
            if joined or own:
                first = min([branch.first, *(s.first for s in joined), *own])
                last = max([branch.last, *(s.last for s in joined), *(i + 1 for i in own)])
                ranges.extend(
                    (s.first, s.last)
                    for s in siblings
                    if s is not branch and first <= s.first and s.last <= last and self._may_join(s)
                )
                ranges.extend((i, i + 1) for i in own)
            branch = parent
        return ranges

    def _own_text(self, parent: Element) -> list[int]:
        """Lines of prose that stand in *parent* itself, between its children."""
        return [i for i in range(parent.first, parent.last)
                if self.weights[i] and self.blocks[i].element is parent]  # fmt: skip

    def _may_join(self, element: Element) -> bool:
        if element.last <= element.first or self._is_shaded(element):
            return False
        links, chars = self._share(self.links, element), self._share(self.chars, element)
        return 2 * links < chars and not self._share(self.stamps, element)

    def _continues(self, sibling: Element, branch: Element) -> bool:
        alike = sibling.tag == branch.tag and (sibling.names == branch.names or not sibling.names.strip())
        if not alike and not (sibling.tag in _CONTENT and branch.tag in _CONTENT):
            return False
        if not self._may_join(sibling) or (self.title_at or 0) >= sibling.last:
            return False
        prose = self.prose[sibling.last] - self.prose[sibling.first]
        return prose >= 20 and 2 * prose > self._share(self.chars, sibling)

    def _clean(self, ranges: list[tuple[int, int]]) -> Iterator[Block]:
        """The lines of *ranges* that are the article's."""
        places = sorted({i for first, last in ranges for i in range(first, last)})
        if not places:
            return
        lists = self._link_lists(places[0], places[-1] + 1)
        weights = [0.0, *accumulate(self.weights[i] for i in places)]
        links = [0, *accumulate(self.blocks[i].linked for i in places)]
        chars = [0, *accumulate(len(self.blocks[i].text) for i in places)]
        prose_begun = False
        for number, i in enumerate(places, start=1):
            block = self.blocks[i]
            if opens_other_section(block.text):
                # The heading ends the article when little prose follows, or mostly links do.
                rest = weights[-1] - weights[number]
                if rest < 0.25 * weights[-1] or links[-1] - links[number] > 0.15 * (
                    chars[-1] - chars[number]
                ):
                    return
            at_end = weights[number] > 0.8 * weights[-1]
            if self._is_foreign(block, lists, at_end) or (not prose_begun and self._is_heading(block)):
                continue
            prose_begun = prose_begun or self.weights[i] > 0
            yield block

    def _is_foreign(self, block: Block, lists: frozenset[Element], at_end: bool) -> bool:
        text = block.text
        if self._is_shaded(block.element) or block.element in lists:
            return True
        if block.element.tag in _CELLS and block.has_digit:
            return False  # a figure of a table, not a page number
        if is_noise(text) or is_notice(text, at_end=at_end) or opens_other_section(text):
            return True
        return block.linked > 0.7 * len(text) and not block.ends

    def _is_heading(self, block: Block) -> bool:
        """True if a line before the prose repeats the title or is a stamp of time and source."""
        if block.index <= (self.title_at or 0) and _bare(block.text) in self.title:
            return True
        repeats = self.title_at is None and _bare(block.text) == self.title
        return repeats or (block.has_digit and _is_stamp(block.text))

    def _link_lists(self, first: int, last: int) -> frozenset[Element]:
        """Elements inside the article that are mostly links: boxes of related news."""
        lists: set[Element] = set()
        for element in self.elements:
            if element.first < first or element.last > last or element.last - element.first < 2:
                if element.parent in lists:
                    lists.add(element)
                continue
            links, chars = self._share(self.links, element), self._share(self.chars, element)
            if element.parent in lists or 2 * links > chars:
                lists.add(element)
        return frozenset(lists)


def _lines(blocks: list[Block]) -> Iterator[str]:
    """The text of *blocks*, the cells of one row of a table on one line."""
    row: list[str] = []
    last: Element | None = None
    for block in blocks:
        of_row = block.element.parent if block.element.tag in _CELLS and len(block.text) <= _CELL else None
        if row and (of_row is None or of_row is not last):
            yield " ".join(row)
            row = []
        last = of_row
        if of_row is None:
            yield block.text
        else:
            row.append(block.text)
    if row:
        yield " ".join(row)


def _is_stamp(text: str) -> bool:
    # One of the signs stands in every stamp and in few other lines; the pattern is tried at 25 places.
    signs = len(text) <= 60 and any(sign in text for sign in _STAMP_SIGNS)
    return signs and _STAMP.match(text) is not None


def _bare(text: str) -> str:
    return text if text.isalnum() else _NOT_WORD.sub("", text)
