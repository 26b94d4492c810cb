"""Words by which a text tells what an authority did, does or has only begun. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fengping.events.answers.matter import shares_matter
from fengping.events.answers.said import sentences
from fengping.events.authority_words import AUTHORITY
from fengping.models import Document

POLICE = frozenset({"公安部", "公安机关"})
PENALTY = re.compile(
    r"(?:被|处|罚没|并处)[^，。；]{0,16}罚款|罚款\d|被罚\d|被处罚|行政处罚(?!文书)|没收违法所得|吊销"
    r"|责令[^，。；]{0,10}(?:停业|停产|暂停经营|整改|改正)|约谈|立案(?:调查|侦查|查处)"
)
_TAKES_UP = re.compile(rf"{AUTHORITY.pattern}[^，。；！？：]{{0,16}}?(?P<step>介入|立案)")
_DONE = re.compile(
    "(?:已经?|正在?|现|均|依法|[对将][^，。；]{2,12}?)(?:依法|对|予以|进行|作出|给予|[^，。；对]{2,12}?){0,3}"
    "(?:查处|行政处罚|关停|查封|取缔|行政拘留|罚款)"
)
"""Told as done, by an authority named in the same sentence or the one before."""
CAUGHT = re.compile(
    "破获|抓获|(?:已|被)(?:依法)?(?:刑拘|刑事拘留|逮捕|批捕|采取刑事强制措施)|被抓(?=[，。；！\n]|$)"
)
"""Told as done by police of a matter of the trade."""
CASE = re.compile(
    "(?:警方|公安(?:局|机关|分局)?)[^，。；！？]{0,12}?(?:公布|通报|破获|侦破|查处|披露|了解到|获悉)[^，。；！？]{0,6}?一起[^，。；！？]{2,24}?案"
)
"""A case of theirs that police tell of."""
_SENTENCED = re.compile("获刑|判刑|被判")
_COURT = re.compile("法院|判|刑")
_AT_WORK = re.compile(
    "(?:正在?|已经?)[^，。；！？]{0,16}?(?:执法|现场检查)|依法对[^，。；！？]{1,12}?开展了?[^，。；！？]{0,6}?(?:检查|调查)"
    "|(?:消保委|消委会|消协|消费者协会)(?:曾|已|此次|跟踪)*(?:调查|体察|暗访|抽检|比较试验)"
)
"""Told of an authority that looks into a matter."""
_UNSETTLED = re.compile("(?:没有?|未|尚无)(?:最终)?(?:盖棺)?定论|(?:[仍还]在|正在?)[^，。；！？]{0,8}调查")
_STEPS = "介入|立案|查处|处罚|关停|查封|取缔|拘留|罚款|破获|抓获|刑拘|逮捕"
_NOT_YET = re.compile(
    rf"(?:未|没|将(?!其)|拟|或|应|请|求|希望|呼吁|建议|期待|能否|何时|是否|尽快|需|可能|网传)[^，。；！？]{{0,12}}(?:{_STEPS})|(?:{_STEPS})[^，。；]{{0,4}}[吗？?]"
)
_TOLD_OF_OLD = re.compile("起底|揭秘|深扒|盘点")
"""In the title of a text that looks up what was done before."""
UNDER_WAY = "正"
OPENED = re.compile("立案")
_CASE_OPENED = re.compile("立案(?:调查|侦查|查处)?")
_SETTLED = re.compile(r"(?:缴纳|缴清|交纳)[^，。；]{0,6}罚没?款")
"""A fine of before that was paid."""


def is_taken_up(document: Document) -> bool:
    """True if the title, or the first sentence of a text without one, says that an authority took it up."""
    heads: Sequence[str] = sentences(document.raw.title) or sentences(document.raw.text)[:1]
    if any(_TAKES_UP.search(line) and not _NOT_YET.search(line) for line in heads):
        return True
    return any(_AT_WORK.search(line) and AUTHORITY.search(line) for line in sentences(document.raw.text))


def is_unsettled(document: Document) -> bool:
    """True where an authority says that it still looks into what it has announced, and names no penalty."""
    content = document.raw.content
    return _UNSETTLED.search(content) is not None and not (PENALTY.search(content) or done(document))


def is_under_way(document: Document) -> bool:
    """True where all that is told as done is not done yet (正在查处)."""
    return UNDER_WAY in done(document) and not PENALTY.search(document.raw.content)


def is_of_before(document: Document) -> bool:
    """True where the title tells what was done before, or the sentence of a court over a text on another
    matter."""
    title, text = document.raw.title, document.raw.text
    if _TOLD_OF_OLD.search(title):
        return True
    names = (*document.judgement.hosts, *(document.judgement.brands or ()))
    if not text or not _SENTENCED.search(title) or _COURT.search(text):
        return False
    return not shares_matter(title, text, names)


def done(document: Document) -> str:
    """Words for what an authority did or does, named in their sentence or the one before; empty for none."""
    before = ""
    judged = document.judgement
    case = CASE.search(document.raw.content)
    if (case or not POLICE.isdisjoint(judged.regulators)) and (judged.issues or judged.consumer):
        raw = document.raw
        caught = case or CAUGHT.search(raw.content) or _SENTENCED.search(raw.title)
        if caught and not _NOT_YET.search(document.raw.content):
            return caught[0]
    for line in sentences(document.raw.content):
        found = _DONE.search(line)
        if found and not _NOT_YET.search(line) and AUTHORITY.search(before + line):
            return found[0]
        before = line
    return ""


def is_only_taken_up(document: Document) -> bool:
    """True if all that *document* tells of an authority is that it took a matter up."""
    content = document.raw.content
    others = PENALTY.search(content) or OPENED.search(content) or done(document)
    return not others and is_taken_up(document)


def is_only_opened(document: Document) -> bool:
    """True if all that *document* tells of an authority is that it opened a case."""
    content = document.raw.content
    further = PENALTY.search(_CASE_OPENED.sub("", content)) or CAUGHT.search(content) or done(document)
    return OPENED.search(content) is not None and not further


def is_settled(text: str) -> bool:
    """True for news of a fine that was paid, where nothing else was ordered."""
    return bool(_SETTLED.search(text)) and not PENALTY.search(_SETTLED.sub("", text))
