"""What a text that the encoder read says of a charge: its signals, by who acts upon whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from fengping.analysis.reading import LIMITS
from fengping.events.answers.said import Act, Said
from fengping.models import Channel, Document
from fengping.reading import Party, Signal

_ACTS = {
    ("answer", "deny"): Act.DENIAL, ("answer", "admit"): Act.ADMISSION,
    ("answer", "apologise"): Act.AMENDS, ("answer", "pay"): Act.AMENDS,
    ("answer", "explain"): Act.ANSWER, ("answer", "promise"): Act.ANSWER, ("answer", "threaten"): Act.ANSWER,
    ("official", "order"): Act.PENALTY, ("official", "fine"): Act.PENALTY, ("official", "ban"): Act.PENALTY,
    ("official", "detain"): Act.PENALTY, ("official", "judge"): Act.JUDGMENT,
    ("official", "clear"): Act.REFUTATION, ("retraction", ""): Act.RETRACTION,
}  # fmt: skip
"""Act of a signal by its kind and form; others give no status."""
_MEDIA = frozenset({"central", "provincial", "market", "authority", "association"})
"""Tiers of publishers that report."""
SAYING = frozenset({"answer", "official", "retraction"})
"""Kinds of signals that may end a charge."""


@dataclass(frozen=True, slots=True)
class Unreviewed:
    """A clause that would give a status, were it surer or of a source that reports: 另有说法，未复核."""

    sentence: str
    act: Act
    probability: float
    document: str
    at: datetime | None
    publisher: str
    """The site; accounts of persons are not named."""


def said_in(document: Document, names: Collection[str]) -> list[Said]:
    """What *document* says for sure of a charge against whoever goes by *names*."""
    if not _reports(document, names):
        return []
    return [
        Said(act, sentence, authority)
        for signal, act, sentence, authority in _acts(document, names)
        if signal.probability >= LIMITS[signal.kind].say
    ]


def unreviewed_in(document: Document, names: Collection[str]) -> list[Unreviewed]:
    """What it may say besides: shown as it stands, and no status follows."""
    raw, reports = document.raw, _reports(document, names)
    return [
        Unreviewed(sentence, act, signal.probability, raw.id, raw.published_at, raw.site or raw.source)
        for signal, act, sentence, _ in _acts(document, names)
        if not (reports and signal.probability >= LIMITS[signal.kind].say)
    ]


def _acts(document: Document, names: Collection[str]) -> Iterator[tuple[Signal, Act, str, str]]:
    """Signals of the accused, or upon them, with their act, clause and authority."""
    reading = document.judgement.reading
    assert reading
    for signal in reading.signals:
        act = _ACTS.get((signal.kind, signal.form))
        if act is None or signal.probability < LIMITS[signal.kind].search:
            continue
        actor, target = (
            None if number is None else reading.parties[number] for number in (signal.actor, signal.target)
        )
        whose = actor if signal.kind == "answer" else target
        if signal.kind == "retraction" or (whose and _is_of(whose, document, names)):
            start, end = signal.span
            authority = actor.name if actor and signal.kind == "official" else ""
            yield signal, act, " ".join(document.raw.content[start:end].split()), authority


def _is_of(party: Party, document: Document, names: Collection[str]) -> bool:
    """True for one of *names*, by the registry's name or as the text has it."""
    return party.name in names or any(document.raw.content[a:b] in names for a, b in party.mentions)


def _reports(document: Document, names: Collection[str]) -> bool:
    """True for a medium, an authority, and an account of the accused themselves."""
    raw = document.raw
    return document.tier in _MEDIA or raw.channel in (Channel.NEWS, Channel.CLIENT) or raw.author in names
