"""Steps that a text tells of a charge: the signals of its reading, by who acts upon whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from fengping.analysis.reading import LIMITS
from fengping.events.answers.status import Status, Step
from fengping.indexer.search.versions import by_encoder
from fengping.models import Channel, Document
from fengping.reading import Party

_STATUS = {
    ("answer", "deny"): Status.DENIED, ("answer", "admit"): Status.ADMITTED,
    ("answer", "apologise"): Status.APOLOGISED, ("answer", "pay"): Status.PAID,
    ("answer", "explain"): Status.ANSWERED, ("answer", "promise"): Status.ANSWERED,
    ("answer", "threaten"): Status.ANSWERED,
    ("official", "order"): Status.PENALISED, ("official", "fine"): Status.PENALISED,
    ("official", "ban"): Status.PENALISED, ("official", "detain"): Status.PENALISED,
    ("official", "judge"): Status.JUDGED, ("official", "clear"): Status.CLEARED,
    ("retraction", ""): Status.RETRACTED,
}  # fmt: skip
"""Status that a signal gives by its kind and form; others give none."""
_MEDIA = frozenset({"central", "provincial", "market", "authority", "association"})
"""Tiers of publishers that report."""
SAYING = ("answer", "official", "retraction")
"""Kinds of signals that may end a charge."""


def reporting(tier: str, channel: Channel) -> bool:
    """True for a publisher that reports, by its tier and its channel."""
    return tier in _MEDIA or channel in (Channel.NEWS, Channel.CLIENT)


def steps_in(document: Document, names: Collection[str]) -> Iterator[tuple[Step, bool]]:
    """Steps that *document* tells of a charge against whoever goes by *names*, each with whether it is sure.

    Sure is what the encoder reads above the limit for print in a text of a medium, an authority or the
    accused themselves. The rest is shown as it stands, and gives no status: 另有说法，未复核.
    """
    raw, reading = document.raw, document.judgement.reading
    if reading is None:
        return
    reports = by_encoder(document.judgement.model) and (
        reporting(document.tier, raw.channel) or raw.author in names
    )
    for signal in reading.signals:
        status, limit = _STATUS.get((signal.kind, signal.form)), LIMITS[signal.kind]
        if status is None or signal.probability < limit.search:
            continue
        actor, target = (
            None if number is None else reading.parties[number] for number in (signal.actor, signal.target)
        )
        whose = actor if signal.kind == "answer" else target
        own = whose is not None and _is_of(whose, document, names)
        if own or signal.kind == "retraction":
            yield (
                Step(
                    status,
                    raw.published_at,
                    raw.id,
                    " ".join(raw.content[slice(*signal.span)].split()),
                    whose.name if whose and own else "",
                    actor.name if actor and signal.kind == "official" else "",
                    raw.site or raw.source,
                    signal.probability,
                ),
                reports and signal.probability >= limit.say,
            )


def _is_of(party: Party, document: Document, names: Collection[str]) -> bool:
    """True for one of *names*, by the registry's name or as the text has it."""
    return party.name in names or any(document.raw.content[a:b] in names for a, b in party.mentions)
