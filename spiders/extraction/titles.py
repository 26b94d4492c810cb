"""The title as the page displays it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from fengping.spiders.extraction.tree import Document

_SEPARATOR = re.compile(r"\s*[_|｜¦]+\s*|\s+[-–—·»›<>:：~]+\s+|\s*(?:--+|——?|-)\s*(?=[^-–—_|]{2,14}$)")
_SITE = re.compile(
    r"网$|网站|新闻|频道|日报|晚报|早报|时报|周刊|官网|官方|首页|门户|在线|客户端|论坛|博客|专栏|资讯|公众|平台|中心|栏目|正文|\.(?:com|cn|net)|政府|委员会|社区|杂志|传媒|APP|知乎|微博|贴吧",
    re.I,
)
_TITLE_NAMES = re.compile(r"title|headline|biaoti|(?<![a-z])tit(?![a-z])|subject|(?<![a-z])bt(?![a-z])")
_LABEL = re.compile(
    r"(?:[\[【（(][^\]】）)]{1,8}[\]】）)]|(?:原创|转载|转帖|置顶|精华|推荐|热门|独家|图集|组图|视频|专题|头条|公告|悬赏|讨论|求助|付费|首发|投票|已解决|最新|热|精|顶|荐))\s*(?P<rest>\S.{3,})$"
)
_HEADINGS = ("h1", "h2", "h3", "h4")
_NOT_WORD = re.compile(r"[\W_]+")
_SITE_ALONE = re.compile(r"\w{1,8}(?:网|日报|晚报|早报|新闻|政府|论坛|在线|频道|官网)")
_COLUMN = 4
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Title:
    text: str
    method: str
    at: int | None
    """Index of the block that shows it."""


def find_title(document: Document, head: str, named: Mapping[str, str]) -> Title:
    """The title of the page.

    *head* is the text of ``<title>``; *named* are titles that the page's data name, best first, by the
    method that found them (``meta:og:title``). A line of the page that these confirm is what readers see,
    so it comes before them: data are cut at quotes, carry the site's name, or are a neighbour's.
    """
    head = " ".join(head.split())
    proper = strip_site(head)
    references = list(dict.fromkeys(_key(t) for t in (head, proper, *named.values()) if t))
    letters = frozenset("".join(references))
    best: tuple[float, Title] | None = None
    for at, tag, names, text in _candidates(document, letters):
        if tag in _HEADINGS or _names_title(names):
            text = _unlabelled(text, references)
        elif not _starts_one(text, references):
            continue
        score = _score(text, tag, names, references, len(_key(proper)))
        if score > 0 and (best is None or score > best[0]):
            best = (score, Title(text, tag if tag in _HEADINGS else "line", at))
    if best is not None and not _SITE_ALONE.fullmatch(best[1].text):
        return best[1]
    if not named and (only := _only_heading(document)):
        return only
    for method, text in named.items():
        text = strip_site(text)
        if text and not _is_cut(text, head):
            return Title(text, method, None)
    if best is not None:
        return best[1]
    return Title(proper, "title" if head else "", None)


def _only_heading(document: Document) -> Title | None:
    """The page's one ``h1`` of some length, where ``<title>`` names the site instead of the page."""
    found = [
        Title(text, tag, at)
        for at, tag, _, text in _candidates(document, frozenset())
        if tag == "h1" and len(text) >= 8
    ]
    return found[0] if len(found) == 1 else None


def _candidates(document: Document, letters: frozenset[str]) -> Iterator[tuple[int, str, str, str]]:
    """Short lines with their place, tag and names: those of headings, the lines of one heading joined, and of
    others the few that begin with one of *letters* or a mark.
    """
    blocks = document.blocks
    at = 0
    for block in blocks:
        if block.index < at:
            continue
        at += 1
        element, first = block.element, block.text[0]
        is_heading = element.tag in _HEADINGS
        if not is_heading and first not in letters and first.isalnum() and not _names_title(element.names):
            continue  # most lines of a page end here
        lines = [block.text]
        if is_heading:
            while at < len(blocks) and blocks[at].element is element:
                lines.append(blocks[at].text)
                at += 1
            # A heading may break its title into lines, or set the byline under it.
            if len(lines) > 1:
                lines.insert(0, " ".join(lines))
        for text in lines:
            if 2 <= len(text) <= _LONGEST:
                yield block.index, element.tag, element.names, text


def _score(text: str, tag: str, names: str, references: list[str], proper: int) -> float:
    """Score a line of the page as its title: 0 when nothing confirms it.

    *proper* is the length of the ``<title>`` without the site's name: a line that is only its beginning must
    be most of it, or be set as a heading.
    """
    key = _key(text)
    if len(key) < 2:
        return 0.0
    bonus = 1.5 if tag == "h1" else 1.3 if tag in _HEADINGS else 1.2 if _names_title(names) else 1.0
    if not references:
        # Nothing can confirm it: the first line that is set as a title.
        return bonus - 1 if bonus > 1 and len(key) >= 6 else 0.0
    best = 0.0
    for reference in references:
        if key == reference:
            best = max(best, 2.0)
        elif len(key) < (0.3 if bonus > 1 else 0.5) * proper:
            continue
        elif reference.startswith(key):
            best = max(best, len(key) / len(reference) + 0.3)
        elif len(key) >= 8 and key in reference:
            best = max(best, len(key) / len(reference))
        elif best < 0.5 and bonus > 1 and len(key) >= 8 and _alike(key, reference) > 0.6:
            best = 0.5
    return best * bonus


@lru_cache(maxsize=2_000)
def _names_title(names: str) -> bool:
    """True if class and id of an element say that it holds a title."""
    return bool(names) and _TITLE_NAMES.search(names) is not None


def _starts_one(text: str, references: list[str]) -> bool:
    """True if the beginning of *text* occurs in one of *references*."""
    beginning = _key(text[:8])
    return any(beginning in reference for reference in references)


def _unlabelled(text: str, references: list[str]) -> str:
    """*text* without a label such as 原创 set before (or after) the title within its heading."""
    if match := _LABEL.match(text):
        rest = match["rest"].strip()
        if any(r.startswith(_key(rest)) and not r.startswith(_key(text)) for r in references):
            return rest
    return text


def _alike(one: str, other: str) -> float:
    """Share of character pairs of the shorter that the other has too."""
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) / max(min(len(pairs), len(others)), 1)


@lru_cache(maxsize=100)
def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(pairwise(text))


def _is_cut(text: str, head: str) -> bool:
    """True if *text* ends where *head* goes on with a quotation mark: a value cut at a raw quote."""
    return head.startswith(text) and head[len(text) : len(text) + 1] in ('"', "'")


def strip_site(title: str) -> str:
    """*title* without the names of column and site that follow (or precede) it."""
    return _split_site(" ".join(title.split()))[0]


def site_of(head: str) -> str:
    """The site's name at the end (or the beginning) of a ``<title>``; empty where it names none."""
    parts = [part for part in _split_site(" ".join(head.split()))[1] if len(part) <= 16]
    return next((part for part in parts if _SITE.search(part)), parts[0] if parts else "")


def _split_site(title: str) -> tuple[str, list[str]]:
    """The title proper, and what was cut off it, outermost first."""
    cut: list[str] = []
    for _ in range(4):
        marks = list(_SEPARATOR.finditer(title))
        if not marks:
            break
        first, last = marks[0], marks[-1]
        lead, rest = title[: first.start()], title[: last.start()]
        tail = title[last.end() :]
        # 标题_栏目_网站, but 双十一观察 - 主播的承诺 - 江州网: a dash within a title is common.
        column = "_" in last.group() or "|" in last.group() or not cut or len(tail) <= _COLUMN
        if len(rest) >= 4 and (_SITE.search(tail) or (column and len(tail) <= 12 and len(rest) >= len(tail))):
            title, part = rest, tail
        elif len(lead) <= 10 and _SITE.search(lead) and len(title) - first.end() >= 8:
            title, part = title[first.end() :], lead
        else:
            break
        cut.append(part.strip())
    return title.strip(), cut


def _key(text: str) -> str:
    return text if text.isalnum() else _NOT_WORD.sub("", text)
