"""Engagement: reads, likes, comments and reposts that a page shows beside its article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from fengping.models import Engagement
from fengping.spiders.extraction.times import normalised
from fengping.spiders.extraction.tree import Block, Element

_NUMBER = r"(?P<n>\d[\d,]*(?:\.\d+)?)\s?(?P<u>[万亿千wWkK]\b|[万亿千])?\+?"
_SCALE = {"千": 1e3, "k": 1e3, "万": 1e4, "w": 1e4, "亿": 1e8}
TOO_MANY = 2**63
"""No count any more, but an id or a fault of the page; databases hold none so large."""
_WORDS = {
    "views": ("阅读|浏览|点击|播放|围观|观看|人气|访问|查看", "阅读|浏览|播放|点击|围观|观看|人看过"),
    "comments": ("评论|跟帖|回复|回帖|留言", "评论|跟帖|回复|留言|回帖|回答"),
    "likes": ("点赞|赞同|赞|喜欢|推荐", "点赞|赞同|赞|喜欢|推荐"),
    "reposts": ("转发|转载|分享", "转发|转载|分享"),
}
# Best first: 点击：890 before 12 点击. 分享 20,536 may be two buttons, so the word touches its number.
_PATTERNS = {
    field: (
        re.compile(rf"(?:{before})(?:(?:次数|人数|数|量)\s*[:(]?\s*|\s?[:(]\s*|){_NUMBER}"),
        re.compile(rf"(?<![\d:.-]){_NUMBER}\s*(?:条|个|次|人|位)?\s*(?:网友|用户)?(?:{after})"),
        re.compile(rf"^\W*(?:{before})(?:数|量)?\s*{_NUMBER}\W*$"),
    )
    for field, (before, after) in _WORDS.items()
}
_COUNTED = re.compile(
    "|".join(sorted({word for pair in _WORDS.values() for part in pair for word in part.split("|")}))
)
_LD_ACTIONS = {
    "comment": "comments", "like": "likes", "share": "reposts", "view": "views", "read": "views",
    "watch": "views", "agree": "likes",
}  # fmt: skip
_AFTER_BODY = 30
_COMMENT_NAMES = re.compile(r"comment|cmnt|pinglun|repl(?:y|ies)|gentie")
_SEPARATOR = re.compile(r"\s*[·•|丨]\s*")
_ACTIONS = re.compile(r"举报|回复")
_IN_COMMENT = re.compile(r"^(?:最[热新]评论|热门评论|全部评论|网友评论|评论列表)")


def parse_count(text: str) -> int | None:
    """``1.2万``, ``12,345``, ``3k`` or ``1.5亿+`` as a number; ``None`` for anything else."""
    match = re.fullmatch(r"\s*" + _NUMBER + r"\s*(?:次|条|人|个)?\s*", normalised(text))
    return _value(match["n"], match["u"]) if match else None


def _value(digits: str, unit: str | None) -> int | None:
    return whole(float(digits.replace(",", "")) * _SCALE.get((unit or "").lower(), 1))


def whole(count: float) -> int | None:
    """*count* as a whole number; ``None`` for what counts nothing."""
    return round(count) if 0 <= count < TOO_MANY else None


def find_engagement(
    blocks: list[Block], ld: Mapping[str, Any], *, title_at: int | None, body: tuple[int, int] | None
) -> tuple[Engagement, dict[str, str]]:
    """The counts and, for each one found, the method."""
    found: dict[str, int] = {}
    methods: dict[str, str] = {}
    for field, value, method in _all(blocks, ld, title_at, body):
        if field not in found:
            found[field], methods[field] = value, method
    return Engagement(**found), methods


def _all(
    blocks: list[Block], ld: Mapping[str, Any], title_at: int | None, body: tuple[int, int] | None
) -> Iterator[tuple[str, int, str]]:
    yield from ((field, value, "json-ld") for field, value in _from_ld(ld))
    first, last = body or (title_at or 0, title_at or 0)
    start = title_at if title_at is not None else max(first - 8, 0)
    around = [*blocks[max(start - 3, 0) : min(first, start + 20) + 1], *blocks[last + 1 : last + _AFTER_BODY]]
    for block in around:
        if not block.has_digit or len(block.spaced) > 80:
            continue
        text = normalised(block.spaced)
        # Most numbers on a page count nothing, and twelve patterns would be tried on each.
        parts = _SEPARATOR.split(text) if _COUNTED.search(text) else []
        for field, patterns in _PATTERNS.items():
            # Under a comment, 赞 and 转发 count the comment's own.
            if field != "comments" and block.index > last and (_ACTIONS.search(text) or _in_comments(block)):
                continue
            match = next((m for p in patterns for part in parts if (m := p.search(part))), None)
            if match and (count := _value(match["n"], match["u"])) is not None:
                yield field, count, "text"
        if block.index > last and _IN_COMMENT.search(text):
            return


@lru_cache(maxsize=2_000)
def _names_comments(names: str) -> bool:
    return _COMMENT_NAMES.search(names) is not None


def _in_comments(block: Block) -> bool:
    element: Element | None = block.element
    while element is not None:
        if element.names and _names_comments(element.names):
            return True
        element = element.parent
    return False


def _from_ld(ld: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    statistics = ld.get("interactionStatistic") or []
    for item in statistics if isinstance(statistics, list) else [statistics]:
        if not isinstance(item, Mapping):
            continue
        kind = item.get("interactionType")
        kind = str(kind.get("@type") if isinstance(kind, Mapping) else kind).lower()
        count = parse_count(str(item.get("userInteractionCount", "")))
        for action, field in _LD_ACTIONS.items():
            if action in kind and count is not None:
                yield field, count
                break
    if (count := parse_count(str(ld.get("commentCount", "")))) is not None:
        yield "comments", count
