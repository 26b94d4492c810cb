"""Everything that is known of one event, counted out of its documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fengping.clock import day_of
from fengping.events.answers.status import Step
from fengping.events.building.candidates import brings_charge, is_signed, publisher, title_of
from fengping.events.knowing import claims
from fengping.events.knowing.reach import ENGAGED, reach_of, summed
from fengping.events.matching import provinces
from fengping.events.moves import regulators_of
from fengping.models import Document, Polarity

CHAIN = 200
CLAIMS = 12
_CHARGING = frozenset({"charge", "harm", "test"})
BUSIEST_LEAST = 10
"""Documents below which no day is called the busiest."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A document of the event, enough to find and recognise it."""

    id: str
    at: datetime | None
    title: str
    url: str
    publisher: str
    """The site; accounts of persons are not named."""
    channel: str
    negative: bool
    copy: bool
    """A repost of an earlier document of the event."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turning point: what changed, when, by which document."""

    at: datetime | None
    what: str
    document: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with numbers as quoted, and what follows from them."""

    document: str
    sentence: str
    numbers: tuple[str, ...]
    computed: tuple[claims.Computed, ...]


@dataclass(frozen=True, slots=True)
class Concentration:
    """Concentration of an event's authors; told plainly, without a verdict."""

    documents: int
    signed: int
    """Documents that tell who published them: an account, or edited media."""
    authors: int
    each: float
    """Signed documents for each author."""
    ten_busiest: float
    """Share of the signed documents that the ten authors with most have."""
    one_template: float
    """Share of the largest group of copies."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Knowledge that an event's documents give together. Counts are of the documents read, *read* of them."""

    read: int
    first: Mention | None
    chain: tuple[Mention, ...]
    """The first of them, up to :data:`CHAIN`."""
    own: int
    """Documents that are no copy of an earlier one, in the chain or after it."""
    turns: tuple[Turn, ...]
    publishers: int
    independent: int
    """Publishers with at least one text that is no copy of an earlier one."""
    channels: tuple[tuple[str, int], ...]
    platforms: tuple[tuple[str, int], ...]
    regions: tuple[tuple[str, int], ...]
    """Provinces named in the texts, with documents."""
    issues: tuple[tuple[str, int], ...]
    regulators: tuple[tuple[str, int], ...]
    accused: tuple[tuple[str, int], ...]
    """Hosts, with the documents that are judged to accuse them."""
    accused_brands: tuple[tuple[str, int], ...]
    named: tuple[tuple[str, int], ...]
    """Hosts that are named and not accused: accusers, victims, commentators."""
    engagement: int | None
    engaged: tuple[str, ...]
    """Of likes, comments and reposts those that any document shows."""
    views: int | None
    claims: tuple[Claim, ...]
    concentration: Concentration


def know(documents: Sequence[Document], steps: Sequence[Step] = ()) -> Knowledge:
    """Knowledge that *documents* (in time order) of an event with these *steps* give together."""
    chain = tuple(_chain(documents))
    judged = [document.judgement for document in documents]
    accused = Counter(host for j in judged for host in j.negative_hosts)
    named = Counter(host for j in judged for host in j.hosts if host not in accused)
    reach = reach_of(documents)
    return Knowledge(
        read=reach.read,
        first=chain[0] if chain else None,
        chain=chain[:CHAIN],
        own=sum(not mention.copy for mention in chain),
        turns=_turns(documents, steps),
        publishers=reach.publishers,
        independent=reach.independent,
        channels=_counted(document.raw.channel.value for document in documents),
        platforms=_counted(name for j in judged for name in j.platforms),
        regions=_counted(name for document in documents for name in provinces(document.raw.content)),
        issues=_counted(code for j in judged for code in j.issues),
        regulators=_counted(name for document in documents for name in regulators_of(document)),
        accused=_counted(accused.elements()),
        accused_brands=_counted(brand for j in judged for brand in j.negative_brands or ()),
        named=_counted(named.elements()),
        engagement=reach.engagement,
        engaged=tuple(name for name in ENGAGED if summed(documents, (name,)) is not None),
        views=summed(documents, ("views",)),
        claims=_claims(documents),
        concentration=_concentration(documents),
    )


def _chain(documents: Sequence[Document]) -> Iterable[Mention]:
    groups: set[str] = set()
    for document in documents:
        raw = document.raw
        copy = document.group in groups
        groups.add(document.group)
        yield Mention(
            raw.id, raw.published_at, title_of(document), raw.url, raw.site or raw.source, raw.channel.value,
            document.judgement.polarity == Polarity.NEG, copy,
        )  # fmt: skip


def _turns(documents: Sequence[Document], steps: Sequence[Step]) -> tuple[Turn, ...]:
    """First charge, day with most documents, first word of a regulator, every step."""
    turns = []
    if charge := next(filter(brings_charge, documents), None):
        turns.append(Turn(charge.raw.published_at, "首次出现负面信息", charge.id))
    dated = [d for d in documents if d.raw.published_at]
    days = Counter(day_of(d.raw.published_at) for d in dated if d.raw.published_at)
    most = max(days.values(), default=0)
    busiest = [day for day, n in days.items() if n == most]
    if most >= BUSIEST_LEAST and len(days) > 1 and len(busiest) == 1:
        (day,) = busiest
        first = next(d for d in dated if d.raw.published_at and day_of(d.raw.published_at) == day)
        turns.append(Turn(first.raw.published_at, f"单日信息量最高（{most}条）", first.id))
    if ruling := next((d for d in documents if regulators_of(d)), None):
        turns.append(Turn(ruling.raw.published_at, "监管部门首次被提及", ruling.id))
    turns += [Turn(step.at, step.status.value, step.document) for step in steps]
    return tuple(sorted(turns, key=lambda turn: (turn.at is None, turn.at.timestamp() if turn.at else 0.0)))


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _claims(documents: Sequence[Document]) -> tuple[Claim, ...]:
    """Sentences of charges that quote numbers, those from which something follows first; none twice.

    Of a text with a reading those alone that a clause of the charge lies in: others tell of sales.
    """
    found: dict[tuple[str, ...], Claim] = {}
    for document in filter(brings_charge, documents):
        content, reading = document.raw.content, document.judgement.reading
        told = [signal.span for signal in reading.signals if signal.kind in _CHARGING] if reading else None
        whole = claims.computed(content)
        for sentence, (start, end) in claims.sentences(content):
            if told is not None and not any(start < b and a < end for a, b in told):
                continue
            numbers = claims.quoted(sentence)
            if numbers and numbers not in found:
                own = tuple(c for c in whole if c.said.removeprefix("不到") in sentence)
                found[numbers] = Claim(document.id, sentence, numbers, own)
    ranked = sorted(found.values(), key=lambda claim: (not claim.computed, -len(claim.numbers)))
    return tuple(ranked[:CLAIMS])


def _concentration(documents: Sequence[Document]) -> Concentration:
    authors = Counter(publisher(document) for document in documents if is_signed(document))
    groups = Counter(document.group for document in documents)
    count, signed = len(documents), authors.total()
    return Concentration(
        documents=count,
        signed=signed,
        authors=len(authors),
        each=round(signed / len(authors), 2) if authors else 0.0,
        ten_busiest=round(sum(n for _, n in authors.most_common(10)) / signed, 4) if signed else 0.0,
        one_template=round(max(groups.values()) / count, 4) if count else 0.0,
    )
