"""Finding a list in a page: headlines that stand in the same place of boxes that repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml.html import HtmlElement

from fengping.spiders.extraction import parse_time
from fengping.spiders.extraction.elements import select, text_at

MIN_HEADLINE = 8
"""Characters of a headline; navigation says less."""
MIN_ITEMS = 3
_TRIED = 5
"""The largest lists of a page, of which the first that works is taken."""
_MOST = 0.9
_TIGHT, _LOOSE = 0.95, 0.75
"""Share of the matched elements that hold a headline: enough to stop, and too few to be a list."""
_TAKEN_OUT = {"nav", "footer", "script", "style", "noscript", "form"}
_ASIDE = re.compile(
    r"^(?:nav|menu|topbar|breadcrumb|crumbs?|footer|foot|copyright|friendlinks?)(?:$|[-_\d])", re.I
)
"""Class or id of what stands around a page's own list."""
_DATED = 3
"""Weight of a list with times over one without: a ranking has none."""
_HASHED = re.compile(
    r"\d{3,}|__|[A-Z].*\d|^(active|current|first|last|odd|even|on|cur|clearfix|clear|fl|fr)$"
)
NEXT = "//a[contains(normalize-space(),'下一页') or contains(normalize-space(),'下页') or @rel='next']/@href"


@dataclass(frozen=True)
class _List:
    """Boxes (one a headline) in one container."""

    container: HtmlElement
    boxes: tuple[HtmlElement, ...]
    links: tuple[HtmlElement, ...]

    @property
    def weight(self) -> int:
        return sum(min(len(_text(link)), 40) for link in self.links)


def guess_lists(root: HtmlElement, now: datetime) -> Iterator[dict[str, Any]]:
    """Tables of a source file (``selectors``, ``pagination``) for the page's lists, the largest first."""
    following = [str(href) for href in root.xpath(NEXT)]
    turned = any(not href.startswith(("javascript", "#")) for href in following)
    tried: list[tuple[int, dict[str, Any]]] = []
    for found in sorted(_lists(root), key=lambda one: -one.weight)[:_TRIED]:
        items = _items_selector(root, found)
        boxes = [box for box in select(root, items) if isinstance(box, HtmlElement)] if items else []
        fields = _fields(boxes, now) if boxes else None
        if fields is None:
            continue
        selectors: dict[str, Any] = {"items": items}
        if turned:
            selectors["next"] = NEXT
        tables: dict[str, Any] = {"selectors": {**selectors, "item": fields}}
        weight = found.weight * (_DATED if "published_at" in fields else 1)
        tried.append((weight, tables | ({"pagination": {"max_pages": 5}} if turned else {})))
    yield from (tables for _, tables in sorted(tried, key=lambda one: -one[0]))


def headlines_of(root: HtmlElement) -> int:
    """Count the different pages that the headlines of a page lead to."""
    return len({link.get("href") for link in _headlines(root)})


def _headlines(root: HtmlElement) -> list[HtmlElement]:
    return [
        link
        for link in root.iter("a")
        if _leads(link)
        and len(_text(link)) >= MIN_HEADLINE
        and not any(above.tag in _TAKEN_OUT or _is_aside(above) for above in link.iterancestors())
    ]


def _is_aside(element: HtmlElement) -> bool:
    names = (element.get("id") or "", *(element.get("class") or "").split())
    return any(_ASIDE.match(name) for name in names)


def _leads(link: HtmlElement) -> bool:
    href = (link.get("href") or "").strip()
    return bool(href) and not href.startswith(("#", "javascript:", "mailto:", "tel:"))


def _lists(root: HtmlElement) -> list[_List]:
    links = _headlines(root)
    below: dict[HtmlElement, set[str]] = {}
    for link in links:
        for above in link.iterancestors():
            below.setdefault(above, set()).add(link.get("href"))
    groups: dict[tuple[HtmlElement, str], list[tuple[HtmlElement, HtmlElement]]] = {}
    for link in links:
        box = link
        # The largest element that holds this headline and no other is the entry's own box.
        while (parent := box.getparent()) is not None and len(below[parent]) == 1:
            box = parent
        container = box.getparent()
        if container is not None:
            groups.setdefault((container, str(box.tag)), []).append((box, link))
    made = []
    for (container, _), members in groups.items():
        boxes = dict(members)
        if len(boxes) >= MIN_ITEMS:
            made.append(_List(container, tuple(boxes), tuple(boxes.values())))
    return made


def _items_selector(root: HtmlElement, found: _List) -> str:
    """CSS that matches the boxes and hardly anything without a headline; empty where none does."""
    tag = found.boxes[0].tag
    classes = [_classes(box) for box in found.boxes]
    shared = [name for name in classes[0] if all(name in other for other in classes)]
    box = tag + "".join(f".{name}" for name in shared)
    path, best = "", ("", _LOOSE)
    headlines = set(_headlines(root))
    for above in (found.container, *found.container.iterancestors()):
        path = _name(above) + (f" > {path}" if path else "")
        for selector in (f"{path} > {box}", f"{path} > {box}:has(a)"):
            matched = set(select(root, selector))
            good = [b for b in matched if b in headlines or any(link in headlines for link in b.iter("a"))]
            exact = len(good) / len(matched) if matched >= set(found.boxes) else 0.0
            if exact >= _TIGHT:
                break
        # A path without a name would find the lists beside this one too.
        named = any(sign in path for sign in ".#")
        if exact > best[1] or (exact == best[1] and named and not any(sign in best[0] for sign in ".#")):
            best = (selector, exact)
        if (exact >= _TIGHT and named) or above.get("id") or above.tag == "body":
            break
    return best[0]


def _name(element: HtmlElement) -> str:
    identity = element.get("id") or ""
    if re.fullmatch(r"[A-Za-z][\w-]*", identity) and not _HASHED.search(identity):
        return f"{element.tag}#{identity}"
    return str(element.tag) + "".join(f".{name}" for name in _classes(element))


def _classes(element: HtmlElement) -> list[str]:
    """Class names that a redesign of the style would keep."""
    names = (element.get("class") or "").split()
    return [n for n in names if re.fullmatch(r"[A-Za-z][\w-]*", n) and not _HASHED.search(n)][:2]


def _fields(boxes: Sequence[HtmlElement], now: datetime) -> dict[str, str] | None:
    """Selectors of link, title and time within a box."""
    link = _link(boxes)
    if link is None:
        return None
    fields = {"link": "./@href" if link == "xpath:." else f"{link}::attr(href)", "title": _title(boxes, link)}
    if date := _date(boxes, fields["title"], now):
        fields["published_at"] = date
    return fields


def _link(boxes: Sequence[HtmlElement]) -> str | None:
    """Find the selector of the headline's link in most boxes."""
    if all(box.tag == "a" for box in boxes):
        return "xpath:."
    tried = ["a"]
    for link in (link for link in boxes[0].iter("a") if len(_text(link)) >= MIN_HEADLINE):
        tried += [f"a.{name}" for name in _classes(link)]
        tried += [f"{above.tag} a" for above in link.iterancestors("h1", "h2", "h3", "h4", "dt", "p")]
    for selector in tried:
        good = sum(len(text_at(box, (selector,))) >= MIN_HEADLINE for box in boxes)
        if good >= _MOST * len(boxes):
            return selector
    return None


def _title(boxes: Sequence[HtmlElement], link: str) -> str:
    """The headline: a heading inside a link that wraps a whole card, the full text where it is cut off."""
    attribute = "./@title" if link == "xpath:." else f"{link}::attr(title)"
    cut = any(text_at(box, (link,)).endswith(("...", "…")) for box in boxes)
    if cut and _filled(boxes, attribute):
        return attribute
    for heading in ("h2", "h3", "h4", "dt", ".title"):
        inside = heading if link == "xpath:." else f"{link} {heading}"
        if _filled(boxes, inside):
            return inside
    return _line(boxes) if link == "xpath:." else link


def _line(boxes: Sequence[HtmlElement]) -> str:
    """The first line of a card that says as much as a headline; the card's whole text where none does."""
    for part in boxes[0].iter():
        if isinstance(part.tag, str) and part is not boxes[0] and len(_text(part)) >= MIN_HEADLINE:
            for name in (*(f"{part.tag}.{name}" for name in _classes(part)), str(part.tag)):
                said = [text_at(box, (name,)) for box in boxes]
                whole = [len(_text(box)) for box in boxes]
                full = [MIN_HEADLINE <= len(text) < length for text, length in zip(said, whole, strict=True)]
                if sum(full) >= _MOST * len(boxes):
                    return name
    return "xpath:."


def _filled(boxes: Sequence[HtmlElement], selector: str) -> bool:
    return sum(bool(text_at(box, (selector,))) for box in boxes) >= _MOST * len(boxes)


def _date(boxes: Sequence[HtmlElement], title: str, now: datetime) -> str:
    """Find the selector of a time in most boxes, outside their headline; empty if there is none."""
    tried: dict[str, None] = {"time::attr(datetime)": None}
    for part in boxes[0].iter():
        if isinstance(part.tag, str) and part is not boxes[0] and 0 < len(_text(part)) <= 40:
            names = [f"{part.tag}.{name}" for name in _classes(part)]
            place = 1 + sum(1 for _ in part.itersiblings(part.tag, preceding=True))
            tried |= dict.fromkeys([*names, str(part.tag), f"{part.tag}:nth-of-type({place})"])
    # A time that stands beside the link in no element of its own.
    tried["xpath:./text()[normalize-space()]"] = None
    for selector in tried:
        said = [text_at(box, (selector,)) for box in boxes]
        titles = [text_at(box, (title,)) for box in boxes]
        times = [
            text for text, head in zip(said, titles, strict=True) if text != head and _is_time(text, now)
        ]
        if len(times) >= 0.8 * len(boxes):
            return selector
    return ""


def _is_time(text: str, now: datetime) -> bool:
    return 0 < len(text) <= 40 and parse_time(text, now) is not None


def _text(element: HtmlElement) -> str:
    return "".join(element.text_content().split())
