"""Comparison of a later text with the matter of a charge. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache

from fengping.analysis.reposts import compare as reposts

WEIGHTS = ((timedelta(days=1), 5.5), (timedelta(days=7), 8.0), (timedelta.max, 16.0))
"""Rarity in nats, of shared pieces together, from which a text is on the matter: any word of its own within
a day, a rare one within a week, two later. Chosen by reading; docs/events.md."""
_NOW, _SURE = timedelta(), WEIGHTS[-1][1]
BARE = 6
"""Characters beside the name up to which an answer (``某某方回应``) says nothing of its matter."""
BARE_WITHIN = timedelta(days=2)

_OBJECT = re.compile(
    r"(?:就|针对|对于)(?P<before>[^，。：！？]{2,16}?)(?:一事|事件|问题|争议)?(?:作出|做出|发文|公开|正式)?(?:回应|致歉|道歉|否认|声明|说明)"
    r"|(?:回应|否认|(?<![不未])承认)(?P<after>[^，。：！？称说]{2,16})"
    r"|称(?P<faulty>[^，。：！？]{2,12}?)应该有问题"
)
"""A sentence that names the matter it answers."""
_ANY_MATTER = re.compile(
    "直播间?|主播|翻车|点名|曝光|风波|质疑|批评|指责|指控|吐槽|投诉|争议|事件|问题|热搜|网友|舆论|相关|近期|此事|一事|[被遭引对]"
)
"""Words of any charge, by which an answer does not say what it is to."""
_HANDLE = re.compile(r"@[^\s@，。：！？“”]{1,20} ")
"""An account that is told something, as a platform writes it: ``回应@某报 称``."""
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_TRADE_GRAMS = {
    "直播", "播带", "带货", "货主", "主播", "播间", "消费", "费者", "网友", "回应", "视频", "事件", "热搜",
    "官方", "致歉", "道歉", "声明", "平台", "商品", "产品", "购买", "双十", "十一", "被指", "被曝", "否认",
    "近日", "工作", "公司", "团队", "质疑", "网红", "发文", "涉嫌", "问题", "虚假", "宣传", "被质",
    "表示", "争议", "客服", "媒体", "记者", "月日", "事人", "当事", "承认", "赔付", "处罚", "被罚", "罚款",
}  # fmt: skip
"""Two-character pieces that any two posts on livestream selling may share."""


def answers_matter(lead: str, answer: str, names: Sequence[str], gap: timedelta) -> bool:
    """True if an answer of the same party, *gap* after a charge, is about that charge."""
    if _is_bare(answer, tuple(names)):
        return timedelta() <= gap <= BARE_WITHIN
    weight = sum(_rarity(gram) for gram in _pieces(lead, tuple(names)) if gram in answer)
    # Told before the charge, most answers are to another one.
    return weight >= (next(asked for within, asked in WEIGHTS if gap <= within) if gap >= _NOW else _SURE)


def shares_matter(lead: str, passage: str, names: Sequence[str]) -> bool:
    """True if *passage* holds a telling piece of a charge's *lead* beside *names*."""
    told = _without(passage, names)
    return any(gram in told for gram in _pieces(lead, tuple(names)))


def weight_shared(title: str, other: str) -> float:
    """Rarity in nats of the telling pieces of *title* that *other* holds, together."""
    return sum(_rarity(gram) for gram in _telling(title, ()) if gram in other)


def is_bare(answer: str, names: Sequence[str]) -> bool:
    """True for an answer that says nothing of its matter (``某某方回应``)."""
    return _is_bare(answer, tuple(names))


def names_another(sentence: str, title: str, charges: Sequence[str], names: Sequence[str]) -> bool:
    """True if *sentence* names what it answers (``就月饼产地回应``), and none of *charges* such a thing.

    Nor does the *title* over the sentence, where that is on the matter of a charge.
    """
    for found in _OBJECT.finditer(_HANDLE.sub(" ", _without(sentence, names))):
        named = found["before"] or found["after"] or found["faulty"]
        told = _telling(named, names) if _telling(_ANY_MATTER.sub(" ", named), names) else set()
        if not told or any(gram in charge for charge in charges for gram in told):
            continue
        over = title if title != sentence and any(gram in title for gram in told) else ""
        if not over or not any(gram in over for charge in charges for gram in _telling(charge, names)):
            return True
    return False


# A charge is compared with many answers, and an answer with many charges.
@lru_cache(maxsize=4096)
def _is_bare(answer: str, names: tuple[str, ...]) -> bool:
    left = BARE
    for run in _HAN_RUN.finditer(_without(answer, names)):
        left -= run.end() - run.start()
        if left < 0:
            return False
    return True


@lru_cache(maxsize=4096)
def _pieces(lead: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(_telling(lead, names)))


def _telling(text: str, names: Sequence[str]) -> set[str]:
    return set(_grams(_without(text, names))) - _TRADE_GRAMS


def _without(text: str, names: Sequence[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return text


@lru_cache(maxsize=65_536)
def _rarity(gram: str) -> float:
    return reposts.rarity_of(*gram)


def _grams(text: str) -> Iterator[str]:
    for run in _HAN_RUN.findall(text):
        yield from (run[i : i + 2] for i in range(len(run) - 1))
