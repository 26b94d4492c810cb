"""The documents that bring the charge of an event, told from others that are negative about somebody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from fengping.events.answers.status import ANSWERED, Step
from fengping.models import Document, Role


def accused_in(document: Document) -> set[str]:
    """Those whom *document* is judged to accuse."""
    return {*document.judgement.negative_hosts, *(document.judgement.negative_brands or ())}


def wrongs_accused(document: Document, accused: Iterable[str]) -> bool:
    """True if one of *accused* is the victim in *document*: what it complains of is no doing of theirs."""
    roles = document.judgement.roles or {}
    return any(roles.get(name) is Role.VICTIM for name in accused)


def charging(
    negatives: Sequence[Document], told: Iterable[Document], steps: Iterable[Step]
) -> list[Document]:
    """Those of *negatives* that bring the charge of the event that all *told* tell of; all where none does.

    A title that is the answer brings none, nor does a text against those alone who mostly are named beside
    others that are accused: the critic whom the accused sue.
    """
    answered = {step.sentence for step in steps if step.status in ANSWERED}
    accused: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for document in told:
        if found := accused_in(document):
            accused.update(found)
            beside.update({*document.judgement.hosts, *(document.judgement.brands or ())} - found)

    def brings(one: Document) -> bool:
        parties = accused_in(one)
        against = not parties or any(accused[party] >= beside[party] for party in parties)
        return against and " ".join(one.raw.title.split()) not in answered

    return list(filter(brings, negatives)) or list(negatives)
