"""Comparison of a later text with the matter of a charge. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from fengping.analysis.reposts import compare as reposts

WEIGHTS = ((timedelta(days=1), 5.5), (timedelta(days=7), 8.0), (timedelta.max, 16.0))
"""Rarity in nats, of shared pieces together, from which a text is on the matter: any word of its own within
a day, a rare one within a week, two later. Chosen by reading; docs/events.md."""
WORDS = 13.0
"""Rarity in nats of the telling pieces of a title that a text on the same matter shares."""
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
    # Told before the charge, most answers are to another one.
    asked = WEIGHTS[-1][1] if gap < timedelta() else next(least for within, least in WEIGHTS if gap <= within)
    return weight_shared(lead, answer, names) >= asked


def of_one_matter(
    title: str, classes: Sequence[str], other: str, classes_of_other: Sequence[str], names: Sequence[str]
) -> bool:
    """True if the *other* text, of a charge against the same party, is about the charge of this *title*."""
    differ = classes and classes_of_other and {*classes}.isdisjoint(classes_of_other)
    return not differ and weight_shared(title, other, names) >= WORDS


def weight_shared(title: str, other: str, names: Sequence[str]) -> float:
    """Rarity in nats of the telling pieces of *title*, beside *names*, that *other* holds, together."""
    return sum(reposts.rarity_of(*gram) for gram in _telling(title, tuple(names)) if gram in other)


# A charge is compared with many answers.
@lru_cache(maxsize=4096)
def _telling(text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    found = {run[at : at + 2] for run in _HAN_RUN.findall(text) for at in range(len(run) - 1)}
    return tuple(sorted(found - _TRADE_GRAMS))
