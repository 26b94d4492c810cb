"""Documents that take part in events, and the part of each that is kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fengping.events.answers.parties import subject_of
from fengping.events.answers.said import OWN_WORDS
from fengping.events.answers.signals import SAYING as SIGNALS
from fengping.events.matching import Told
from fengping.events.matching.sketch import Part
from fengping.indexer import Filter, Store
from fengping.indexer.search import Or, Term
from fengping.models import Act, Channel, Document, Polarity, Precision

EDITED = {Channel.NEWS, Channel.CLIENT}
"""Channels where the site, not the writer, is the publisher."""
WORDS = (
    "回应", "致歉", "道歉", "声明", "否认", "承认", "澄清", "辟谣", "不实", "处罚", "罚款", "被罚",
    "判赔", "拘留", "退一赔", "赔付", "吊销", "责令", "立案", "通报", "起诉", "报案", "规定", "办法",
    "意见", "约谈", "公告", "赔偿", "补偿", "赠送", "召回", "撤回",
    "判刑", "获刑", "判处", "被判",
)  # fmt: skip
"""Words without which nothing is answered, punished, refuted or ruled."""
_SPOKEN = re.compile(
    "(?:对此|就此|(?:客服|工作人员|负责人|店员)(?:方面)?)[^，。；！？“”]{0,16}?(?:表示|称|告知|：)"
    f"|{OWN_WORDS}|(?:纠正|更正)了[^，。；！？]{{0,6}}(?:错误|口误|说法)"
    "|(?:主播|直播间|团队|工作室|品牌方?|商家|公司)(?:则|也)?(?:表示|称)[^，。；！？]{0,12}(?:符合|合格|不存在|没有问题)"
)
"""Told of who is asked, without any of :data:`WORDS`."""
_OUTCOME = re.compile(
    "回应|致歉|道歉|否认|辟谣|声明|澄清|处理|处罚|被罚|封禁|被封|下架|开除|停职|调查|通报|整改|解约|退款|赔"
)
"""In a title of what came of a charge."""
CHARGING = (Act.COMPLAINT.value, Act.REPORT.value)
SAYING = (Act.RESPONSE, Act.PENALTY, Act.RULE)
PARTIES = 4
TITLE = 80


@dataclass(frozen=True, slots=True)
class Member:
    """Kept part of a document in an event."""

    document: str
    published_at: datetime | None
    part: Part
    parties: tuple[str, ...]
    publisher: str
    matter: tuple[str, ...] = ()
    """Complaint classes, where it brings a charge."""


def candidates(store: Store, where: Filter) -> Iterator[Document]:
    """Documents of *where*, a span of time, that take part; some more than once."""
    others: dict[str, tuple[str, ...]] = {"polarity": (Polarity.NEG.value,)}
    said = Or(tuple(Term(word) for word in WORDS))
    for part in (
        replace(where, where=others),
        replace(where, where={"act": CHARGING}, exclude=others),
        replace(where, text=said, exclude=others),
    ):
        yield from filter(takes_part, store.scan(part))


def takes_part(document: Document) -> bool:
    """True if a document may bring, answer or end a charge."""
    judged = document.judgement
    if judged.polarity is Polarity.NEG:
        # A murder is no matter of consumers; where that was not judged, nothing is left out. Nor are a fine,
        # an answer, and a charge against a brand or a host, though it were taken for none of consumers.
        accused = judged.negative_brands or judged.negative_hosts or judged.act in SAYING
        return judged.consumer is not False or bool(judged.relevant or accused)
    if judged.act in CHARGING and judged.consumer and (judged.hosts or judged.brands):
        # A charge told without a harsh word: it leads to its answer, and counts as none.
        return True
    if not any(word in document.raw.content for word in WORDS):
        return False
    # A film star's denial is no answer to a consumer; a brand's is, and where that was not judged,
    # whoever answers is kept.
    named = bool(judged.brands) or (judged.consumer is None and bool(subject_of([title_of(document)])))
    return of_trade(document) or named


def of_trade(document: Document) -> bool:
    """True if anything of selling and buying is in it."""
    judged = document.judgement
    return bool(judged.consumer or judged.relevant or judged.hosts or judged.platforms or judged.regulators)


def part_of(document: Document) -> Part:
    """A charge where it is judged negative; what else it says is read only when its event is."""
    part = Part.CHARGE if document.judgement.polarity == Polarity.NEG else Part.NONE
    if of_trade(document):
        part |= Part.TRADE
    if document.judgement.negative_hosts or document.judgement.negative_brands:
        # Who answers for the accused is told beside them.
        part |= Part.NONE if document.judgement.act is Act.RESPONSE else Part.CHARGED
        part |= Part.ACCUSING if part & Part.CHARGE else Part.NONE
    content = document.raw.content
    if document.judgement.reading:
        told = {signal.kind for signal in document.judgement.reading.signals}
        return part if told.isdisjoint(SIGNALS) else part | Part.SAID
    if document.judgement.act in SAYING:
        return part | Part.SAID | Part.ACT
    if any(word in content for word in WORDS) or _SPOKEN.search(content):
        part |= Part.SAID
    return part


def told(document: Document, member: Member) -> Told:
    """A document as the comparison sees it."""
    raw = document.raw
    coarse = raw.precision is Precision.DAY
    told = raw.id, raw.title, raw.text, raw.published_at, coarse, member.parties, member.part
    return Told(*told, beside(document) if Part.CHARGED in member.part else (), member.matter)


def beside(document: Document) -> tuple[str, ...]:
    """Names of the accused and words of complaint, as the text has them."""
    content, accused = document.raw.content, parties_of(document)
    found = {*accused}
    for one in document.judgement.evidence:
        kind, _, name = one.label.partition(":")
        if kind == "issue" or name in accused:
            found.add(content[one.start : one.end])
    return tuple(sorted(found))


def parties_of(document: Document) -> tuple[str, ...]:
    """The accused, else whoever is named, else whom the title begins with."""
    judged = document.judgement
    accused = (*judged.negative_hosts, *(judged.negative_brands or ()))
    named = accused or (*judged.hosts, *(judged.brands or ()))
    if not named and (subject := subject_of([title_of(document)])):
        named = (subject,)
    return named[:PARTIES]


def told_order(document: Document) -> tuple[bool, float, bool, str]:
    """The order in which the documents of an event are told: of those of one moment, as a list of hours has
    them, the charge before what came of it."""
    at = document.raw.published_at
    outcome = _OUTCOME.search(document.raw.title) is not None
    return at is None, at.timestamp() if at else 0.0, outcome, document.id


def member_of(document: Document) -> Member:
    """Kept part of *document*."""
    raw, part = document.raw, part_of(document)
    matter = document.judgement.issues if Part.CHARGE in part else ()
    return Member(raw.id, raw.published_at, part, parties_of(document), publisher_hash(document), matter)


def publisher(document: Document) -> tuple[str, str]:
    """Publisher of a document: the site of edited media, the account elsewhere."""
    raw = document.raw
    site = raw.site or raw.source
    return (site, "") if raw.channel in EDITED else (site, raw.author_id or raw.author)


def is_signed(document: Document) -> bool:
    """True where the publisher is known: edited media or an account. An entry of a list has neither."""
    return document.raw.channel in EDITED or bool(publisher(document)[1])


def publisher_hash(document: Document) -> str:
    """16 digits that tell publishers apart without naming one."""
    return hashlib.blake2b("\0".join(publisher(document)).encode(), digest_size=8).hexdigest()


def title_of(document: Document) -> str:
    """The title, or the beginning of the text, on one line."""
    line = " ".join((document.raw.title or document.raw.text).split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1]}…"
