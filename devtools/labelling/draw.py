"""A draw of texts to read: strata by group, part and by the words that rare kinds of clauses use."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from devtools.labelling.texts import Text, texts

# Words that make a rare kind of clause likelier; they only draw, they label nothing.
RARE = {
    "answer": "回应|道歉|致歉|声明|否认|澄清|承认|赔付|退款|退一赔|召回|下架|起诉|律师函|不实",
    "official": "罚|立案|调查|约谈|通报|抽检|判决|判赔|一审|终审|拘|逮捕|公诉|封禁|禁言|责令|召回|解封|市监|消协|检察",  # noqa: E501
    "demand": "要求|索赔|求|讨说法|呼吁|应该|必须|让.{1,8}(?:道歉|赔)",
    "retract": "撤回|撤稿|删除|反转|辟谣|致歉.{0,6}报道|造谣|不实",
    "harm": "住院|受伤|死亡|中毒|过敏|烧伤|被骗|损失|猝死|去世|呕吐|腹泻",
    "test": "检测|送检|检出|鉴定|抽检|实测|不合格|超标",
    "good": "好评|点赞|感动|助农|捐|良心|满意|暖心|救|国货|获赞|好吃|推荐",
    "sell": "直播|带货|主播|网红|卖|购|买|商家|店|品牌|价格|优惠|双11|双十一|618|售后|快递|客服|假货|质量|食品",  # noqa: E501
}


@dataclass(frozen=True, slots=True)
class Stratum:
    """How many texts of a group are drawn for each part."""

    source: str
    train: int
    measure: int
    want: tuple[str, ...] = ()
    """Regular expressions that a text must match, all of them."""
    long: int = 0
    """Fewest characters."""
    named: bool = False
    """True where a host or room of the registry must be named."""


def strata() -> list[Stratum]:
    """The draw."""
    rare = "|".join(RARE[kind] for kind in ("answer", "official", "demand", "retract", "harm", "test"))
    return [
        Stratum("hot", 900, 200, (rare,), named=True),
        Stratum("hot", 450, 400, named=True),
        Stratum("hot", 500, 60, (rare,)),
        Stratum("hot", 250, 60, (RARE["sell"],)),
        Stratum("title", 350, 80, (rare,)),
        Stratum("list", 250, 60, (RARE["sell"],)),
        Stratum("live", 450, 150, (rare,)),
        Stratum("live", 350, 100, (RARE["sell"],)),
        Stratum("lead", 700, 180, (rare,)),
        Stratum("lead", 250, 60),
        Stratum("general", 250, 60, (rare,)),
        Stratum("zhihu", 350, 80, (rare, RARE["sell"]), 100),
        Stratum("post", 650, 200, (rare,)),
        Stratum("post", 350, 100),
        Stratum("talk", 200, 60, (rare,)),
        Stratum("finance", 400, 60),
        Stratum("food", 150, 30),
        Stratum("petition", 120, 20, (RARE["sell"],)),
        Stratum("official", 60, 20, ("消费|市场监管|电商|网络|食品|维权",)),
        Stratum("lead", 150, 40, (RARE["good"],)),
        Stratum("live", 100, 30, (RARE["good"],)),
        Stratum("post", 120, 30, (RARE["good"],)),
    ]


def draw(
    data: Path, named: Callable[[str], bool], taken: Callable[[Text], bool], seed: int = 1
) -> list[Text]:
    """Texts of all strata, none twice and none that is *taken*; the same for the same seed.

    *named* tells whether a text names a host or room of the registry.
    """
    chosen: dict[str, Text] = {}
    starts: set[str] = set()
    pools: dict[str, list[Text]] = {}
    for stratum in strata():
        if stratum.source not in pools:
            pools[stratum.source] = list(texts(data, stratum.source))
        pool = _matching(pools[stratum.source], stratum, named)
        random.Random(f"{seed}:{stratum}").shuffle(pool)
        for part, wanted in (("train", stratum.train), ("measure", stratum.measure)):
            count = 0
            for text in pool:
                if count == wanted:
                    break
                start = re.sub(r"\W", "", text.content)[:14]
                if text.part != part or text.key in chosen or start in starts or taken(text):
                    continue
                chosen[text.key] = text
                starts.add(start)
                count += 1
    return list(chosen.values())


def _matching(pool: Iterable[Text], stratum: Stratum, named: Callable[[str], bool]) -> list[Text]:
    wants = [re.compile(want) for want in stratum.want]
    return [
        text
        for text in pool
        if len(text.content) >= stratum.long
        and all(want.search(text.content) for want in wants)
        and (not stratum.named or named(text.content))
    ]
