"""Names that rise beside 直播间, 带货 and 主播 and are not in the registry, with what speaks for them.

A candidate is a person's name by the tagger (rjieba), a nickname by its form, or quoted behind 主播 or
网红, and stands near a live-selling word. The analyst decides: ``fengping hosts add``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from fengping.analysis.hosts.entries import Kind
from fengping.analysis.mentions import Lexicon

SAMPLES = 3
NEAR = 12
"""Characters that may stand between a name and a live-selling word."""

_SELLING = re.compile("直播间|直播带货|带货|卖货|直播卖|主播|网红|小黄车|橱窗|坑位费|开播|复播|停播")
_WORD = r"[\u4e00-\u9fffA-Za-z0-9_·]"
_QUOTED = re.compile(rf"(?:主播|网红|博主|达人|账号)[“‘「『\"](?P<name>{_WORD}{{2,10}})[”’」』\"]")
# 小杨哥, 雨姐, 广东夫妇: at most three characters in front of the form of address.
_CALLED = re.compile(r"(?<![\u4e00-\u9fff])(?P<name>[\u4e00-\u9fff]{1,3}(?:哥|姐|嫂|叔|夫妇|妈妈))")
_NO_NAME = re.compile(
    "直播|主播|网红|品牌|官方|公司|平台|旗舰|网友|消费|商家|明星|艺人|观众|粉丝|团队|账号|回应|电商|视频|抖音|快手|"
    "榜一|大哥|大姐|小哥|小姐|先生|女士|某|记者|^老|^[阿小]?姨$|官宣|助农"
    # What the tagger takes for names in such texts.
    "|^(?:乌龟|辟谣|卫生巾|古董|牟利|齐聚|顾客|羊绒衫|羊毛衫|宝妈|宝宝|青少年|王子|荣耀|连麦|鉴宝|高仿|翡翠|文玩|金链|安利|康师傅)$"
)
_TAIL = re.compile("[称说带回被在和与将]$")


@dataclass(slots=True)
class Candidate:
    """A name that may be a host, and the evidence."""

    name: str
    documents: int = 0
    recent: int = 0
    """Of these, published on or after the day asked for, or without a day."""
    first_seen: date | None = None
    beside: Counter[str] = field(default_factory=Counter)
    """Live-selling words it stood beside, with counts."""
    samples: list[str] = field(default_factory=list)

    @property
    def rise(self) -> float:
        """Recent documents for each earlier one (plus one): how steeply the name rises."""
        return self.recent / (self.documents - self.recent + 1)

    def add(self, content: str, day: date | None, since: date | None, word: str) -> None:
        self.documents += 1
        self.beside[word] += 1
        if since is None or day is None or day >= since:
            self.recent += 1
        if day is not None and (self.first_seen is None or day < self.first_seen):
            self.first_seen = day
        sample = " ".join(content.split())[:60]
        if len(self.samples) < SAMPLES and sample not in self.samples:
            self.samples.append(sample)


def discover(
    texts: Iterable[tuple[str, date | None]],
    lexicon: Lexicon,
    *,
    since: date | None = None,
    at_least: int = 3,
) -> list[Candidate]:
    """Candidates that stand in *at_least* of *texts* (content, day), those that rise most first.

    *since* parts recent from earlier texts; without it every text is recent. Names that the lexicon finds
    in the text, as hosts, platforms or regulators, are no candidates.
    """
    found: dict[str, Candidate] = {}
    listed = {brand.name for brand in lexicon.registry.brands}
    for content, day in texts:
        spots = [(m.start(), m.end(), m.group()) for m in _SELLING.finditer(content)]
        if not spots:
            continue
        mentions = lexicon.scan(content, day).mentions
        known = [(m.start, m.end) for m in mentions if m.kind is not Kind.BRAND or m.name in listed]
        names: dict[str, str] = {}
        for name, start in _names(content):
            end = start + len(name)
            near = [w for s, e, w in spots if s - end <= NEAR and start - e <= NEAR]
            if near and not any(start < e and end > s for s, e in known):
                names.setdefault(name, near[0])
        for name, word in names.items():
            found.setdefault(name, Candidate(name)).add(content, day, since, word)
    kept = [c for c in found.values() if c.documents >= at_least and not _part_of_longer(c, found)]
    return sorted(kept, key=lambda c: (-c.rise, -c.documents, c.name))


def _names(content: str) -> Iterator[tuple[str, int]]:
    """Names and where they begin; one name may come twice."""
    import rjieba  # reads its dictionary, a tenth of a second

    for pattern in (_QUOTED, _CALLED):
        for match in pattern.finditer(content):
            if not _NO_NAME.search(match["name"]):
                yield match["name"], match.start("name")
    start = 0
    for word, tag in rjieba.tag(content):
        if tag.startswith("nr") and 2 <= len(word) <= 6:
            name = word.removeprefix("网红").removeprefix("主播")
            at = start + len(word) - len(name)
            name = _TAIL.sub("", name) if len(name) > 2 else name
            if len(name) >= 2 and not _NO_NAME.search(name):
                yield name, at
        start += len(word)


def _part_of_longer(candidate: Candidate, found: dict[str, Candidate]) -> bool:
    """True if most documents of the name hold one longer candidate around it."""
    return any(
        candidate.name != other.name
        and candidate.name in other.name
        and other.documents >= 0.7 * candidate.documents
        for other in found.values()
    )
