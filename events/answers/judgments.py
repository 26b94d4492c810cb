"""Judgments of courts in civil matters, as texts tell them: for the claimant, and against whom."""

from __future__ import annotations

import re

from fengping.events.answers.said import PARTY, Act, Said, authority_in, by_party, sentences

_COSTS = "赔偿?|退一赔|退款|退还|返还|支付|担责|承担[^，。；]{0,8}责任|欺诈|侵权|违约|虚假宣传"
_FOUND = re.compile(
    rf"法院[^，。；！？]{{0,16}}(?:认定|认为|判[决令定]?|裁定|支持)[^。；！？]{{0,40}}(?:{_COSTS})"
    rf"|(?:被|一审|二审|终审|被法院)判[决令]?(?:{_COSTS})|判赔(?=[\d一二三四五六七八九十百千万])|法院(?:判|支持)[^，。；]{{0,8}}[三3十10]倍"
)
"""A court found for who sued."""
_AGAINST = re.compile(
    rf"{PARTY}(?P<gap>(?:(?!的|举报|起诉|控告|诉|告)[^，。；！？\n]){{0,14}}?)"
    rf"(?:(?:被|一审|二审|终审|被法院)(?:认定|判[决令]?)[^，。；]{{0,10}}(?:{_COSTS})|败诉|判赔)"
    rf"|判[决令]?{PARTY}(?!获)[^，。；获]{{0,16}}(?:{_COSTS})|法院(?:认定|认为){PARTY}[^。；]{{0,24}}(?:{_COSTS})"
)
"""The same, against the accused."""
_NO_JUDGMENT = re.compile(
    "驳回|不予支持|未支持|不支持|撤诉|调解|和解|[拟将或可]被?判|或被|如果|假如|若|建议|要求|请求法院|起诉至|能否|是否|应当?判|此前|曾|多年前"
)


def is_judged(line: str) -> bool:
    """True if *line* tells a judgment against those who are marked in it."""
    return by_party(_AGAINST, line) and not _NO_JUDGMENT.search(line)


def read_judgment(title: str, text: str) -> Said | None:
    """The first sentence that tells a judgment for who sued, against whomever."""
    for line in (*sentences(title), *sentences(text)):
        if _FOUND.search(line) and not _NO_JUDGMENT.search(line):
            return Said(Act.JUDGMENT, line, authority_in(line))
    return None
