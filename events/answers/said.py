"""Sentences of a text, and acts that they tell about the accused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fengping.events.authority_words import AUTHORITY, UNNAMED

PARTY = "\ue000"
"""Stands for the accused wherever the text names them."""


class Act(StrEnum):
    """Deeds told about a charge, from the weakest to the gravest."""

    ANSWER = "answer"
    DENIAL = "denial"
    ADMISSION = "admission"
    AMENDS = "amends"
    JUDGMENT = "judgment"
    """A court found for who sued, or sentenced the accused."""
    PENALTY = "penalty"
    RETRACTION = "retraction"
    """The source takes it back."""
    REFUTATION = "refutation"
    """An authority says that it is untrue, or proceeds against whoever spread it."""


@dataclass(frozen=True, slots=True)
class Said:
    """An act with the sentence that says so."""

    act: Act
    sentence: str
    authority: str = ""
    """Authority that imposed a penalty or refuted a charge, as the sentence names them."""


SIDE = (
    "工作室|团队|公司|集团|平台|客服|品牌方?|厂商|商家|店铺|旗舰店|直播间|主播|官方|机构|经纪人|当事人|负责人|工作人员"
    "|创始人|董事长|总裁|副总裁|高管|老板|丈夫|老公|妻子|本人"
)
OWN_WORDS = (
    "(?:随后|之后|事后)[^，。；！？]{0,4}(?:自己|本人|其|[他她])[^，。；！？]{0,4}"
    "(?:开播|直播中?|发文|发视频|出面)[^，。；！？]{0,2}称"
)
"""Told by the text that accuses: the accused speak of it themselves."""
GAP = r"[^，。；！？\n]{0,14}?"
OTHERS = re.compile(
    "厂家|供货|供应商|代工|生产商|网友|律师|专家|王海|打假|记者|媒体|日报|央视|警方|公安|市监|监管|消委|消协|税务|法院|法官|学校|大学|网信"
    "|消费者|顾客|粉丝|有[^，。]{0,4}(?:主播|网红|商家)|要求|希望|呼吁|喊话|曾|评|称|未|不(?!当|实)|没|被指|被曝|遭|涉事|[^被]被[^罚]"
)
"""Between the accused and a verb: then somebody else speaks, or nobody does."""
ANY_AUTHORITY = re.compile(f"{AUTHORITY.pattern}|(?<!{PARTY})官方(?:称|通报|已|介入)|{UNNAMED}")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;”」]*")


def sentences(text: str) -> list[str]:
    """Sentences with their closing marks, one line each."""
    found = (" ".join(part.split()) for part in _SENTENCE.findall(text))
    return [part for part in found if part]


def marked(line: str, names: Iterable[str]) -> str:
    """*line* with :data:`PARTY` for each of *names*, the longest of which come first."""
    for name in names:
        line = line.replace(name, PARTY)
    return line


def by_party(pattern: re.Pattern[str], line: str) -> bool:
    """True if *pattern* is met with nobody else between the accused and the verb."""
    for found in pattern.finditer(line):
        gap = found.groupdict().get("gap") or ""
        if not OTHERS.search(gap):
            return True
    return False


def authority_in(line: str) -> str:
    """The authority named first in *line*; empty where none is."""
    found = AUTHORITY.search(line)
    return found[0] if found else ""
