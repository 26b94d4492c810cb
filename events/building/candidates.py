"""Documents that take part in events, and the part of each that is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from fengping.events.answers.signals import SAYING as SIGNALS
from fengping.events.matching import Told
from fengping.events.matching.sketch import Part
from fengping.indexer import Filter, Store
from fengping.indexer.search.versions import by_encoder
from fengping.models import Act, Channel, Document, Polarity, Precision

EDITED = {Channel.NEWS, Channel.CLIENT}
"""Channels where the site, not the writer, is the publisher."""
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
    for part in (
        replace(where, where=others),
        replace(where, where={"act": (*CHARGING, *SAYING)}, exclude=others),
        replace(where, where={"signals": SIGNALS}, exclude=others),
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
    says = judged.act in SAYING or not {*SIGNALS}.isdisjoint(judged.signals or ())
    # A film star's denial is no answer to a consumer; a brand's is.
    return says and (of_trade(document) or bool(judged.brands))


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
    if document.judgement.act in SAYING:
        part |= Part.ACT
    reading = document.judgement.reading
    if reading and by_encoder(document.judgement.model):
        part |= Part.SAID if any(signal.kind in SIGNALS for signal in reading.signals) else Part.NONE
    return part


def accused_in(document: Document) -> set[str]:
    """Those whom *document* is judged to accuse."""
    return {*document.judgement.negative_hosts, *(document.judgement.negative_brands or ())}


def brings_charge(document: Document) -> bool:
    """True for a negative that tells a charge, and no answer or rule."""
    judged = document.judgement
    return judged.polarity is Polarity.NEG and judged.act not in (Act.RESPONSE, Act.RULE)


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
    """The accused, else whoever is named."""
    judged = document.judgement
    accused = (*judged.negative_hosts, *(judged.negative_brands or ()))
    return (accused or (*judged.hosts, *(judged.brands or ())))[:PARTIES]


def told_order(document: Document) -> tuple[bool, float, bool, str]:
    """The order in which the documents of an event are told: of those of one moment, as a list of hours has
    them, the charge before what came of it."""
    at = document.raw.published_at
    return at is None, at.timestamp() if at else 0.0, document.judgement.act in SAYING, document.id


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
