"""Brands and shops that no registry lists, known by how they are named: 某某旗舰店, “某某”品牌."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from fengping.analysis.text.words import Word, words_around

HINTS = (
    "旗舰店", "专卖店", "专营店", "品牌", "直播间", "牌", "门店", "餐厅", "火锅店", "奶茶店", "酒店", "超市",
    "店名为",
)  # fmt: skip
"""One of these stands in every text in which a name is looked for. Not 商家, 店铺, 网店: what is quoted
behind them is as often a deed (网店“带货”)."""

_NAME = r"[\u4e00-\u9fffa-z0-9·&]"
_OPEN, _SHUT = '[“「『"‘]', '[”」』"’]'
_SHOP = re.compile(rf"(?P<name>{_NAME}{{2,14}}?)(?:官方|海外|天猫|京东|抖音){{0,4}}+(?:旗舰店|专卖店|专营店)")
_QUOTED = re.compile(
    rf"{_OPEN}(?P<name>[^“”「」『』\"‘’\s，。！？]{{2,10}}){_SHUT}"
    "(?:牌|品牌|旗舰店|直播间|专卖店|专营店|门店|餐厅|火锅店|奶茶店|酒店|超市|蛋糕店|公司)"
)
_CALLED = re.compile(
    rf"(?:品牌|商家|店铺|网店|店名为|门店){_OPEN}(?P<name>[^“”「」『』\"‘’\s，。！？]{{2,10}}){_SHUT}"
)
_MARK = re.compile("(?:^|[，。：:\\s#【“「])(?P<name>[\u4e00-\u9fff]{2,3})牌(?=[\u4e00-\u9fff]{2})")
# What stands in front of a shop's name and is none of it.
_BEFORE = re.compile(
    "消费者|顾客|网友|女士|先生|平台上?|店铺|品牌|名为|叫做?|天猫|淘宝|京东|抖音|快手|拼多多|小红书|直播间|购物|网购|"
    "购买|下单|旗下|官方|[在从到的了于向是对为买逛去由和与及]"
)
_NONE = re.compile(
    "某|官方|品牌|多家|一家|几家|两家|各大|线下|线上|线下|海外|正规|授权|这家|那家|该|其|知名|大牌|名牌|国货|网红|全国|"
    "所谓|什么|李鬼|鉴宝|假冒|冒牌|仿冒|山寨|高仿|^新家$|售价|低于|现身|亮相|空降|走进|做客|回归|正品|主播|明星|直播|\\d{4}|[品招打车吊金名大奖银铜王门路底洗摊标站亮横黄红杂老]$"
)


# In front of a shop's name: adverbs, conjunctions, particles, prepositions, pronouns, times.
_FRONT = ("c", "d", "p", "r", "t", "u", "y")
_NO_PART = (*_FRONT, "v")


def unlisted(folded: str, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Start and end of each name that stands in no place already *taken* by a listed one."""
    shown = [(one, match) for one in (_SHOP, _QUOTED, _CALLED, _MARK) for match in one.finditer(folded)]
    places = {at for start, end in taken for at in range(start, end)} if shown else set()
    for pattern, match in shown:
        start, end = match.span("name")
        words = words_around(folded, start, match.end())
        quoted = pattern in (_QUOTED, _CALLED) or re.match(_OPEN, folded[start - 1 : start]) is not None
        if pattern is _SHOP:
            start = _first(match, words, quoted=quoted)
        name = folded[start:end]
        if len(name) < 2 or _NONE.search(name) or not places.isdisjoint(range(start, end)):
            continue
        inside = [word for word in words if word.start < end and start < word.end]
        if quoted:
            named = match[0].endswith("牌") or _is_quotable(inside)
        else:
            named = _fills(start, end, inside) and _is_name(inside, match[0])
        if not named:
            continue
        places.update(range(start, end))
        yield start, end


def _first(shop: re.Match[str], words: Sequence[Word], *, quoted: bool) -> int:
    """Start of a shop's name: behind all that stands in front of it and is no part of a word (和田玉)."""
    start = shop.start("name")
    fronts = (m.span() for m in _BEFORE.finditer(shop["name"]))
    ends = [start + end for at, end in fronts if not _splits(start + at, start + end, words)]
    if not quoted:
        ends += [word.end for word in words if word.known and word.tag.startswith(_FRONT)]
    return max((end for end in ends if start < end <= shop.end("name")), default=start)


def _splits(start: int, end: int, words: Iterable[Word]) -> bool:
    """True if the span is a part of a longer word of the dictionary."""
    return any(w.known and w.start <= start and end <= w.end and w[:2] != (start, end) for w in words)


def _fills(start: int, end: int, inside: Iterable[Word]) -> bool:
    """True if no word of the dictionary reaches out of the span, and none is of a kind that no name holds."""
    known = (word for word in inside if word.known)
    return all(start <= w.start and w.end <= end and not w.tag.startswith(_NO_PART) for w in known)


def _is_name(inside: Sequence[Word], shown: str) -> bool:
    """True if a name or an unknown word stands there, or before 旗舰店 two nouns side by side."""
    paired = shown.endswith("旗舰店") and len(inside) > 1 and all(w.tag.startswith("n") for w in inside)
    return paired or any(word.is_name for word in inside)


def _is_quotable(inside: Iterable[Word]) -> bool:
    """True unless what is quoted is a deed or a remark: 品牌“杀入”地铁站."""
    return not all(w.known and w.tag.startswith(_NO_PART) for w in inside)
