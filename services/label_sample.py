"""The random sample of judged documents on which accuracy is measured, apart from sought-out mistakes.

Documents are drawn in the order of their ids. Ids are hashes and say nothing of what they name, so the first
of that order are a draw of every judged document of the store, of any age, reposts and corrected ones
included, and stay one while the store grows: a new document takes its place among those drawn, to be answered
next. A document that was corrected for another reason counts when the draw comes to it, by the judgement that
the machine had given it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.corrections import Correction
from fengping.models import Polarity
from fengping.services.correct import UNRELATED, label_of, listed
from fengping.services.trends.shares import Share

POPULATION = Filter(where={"polarity": tuple(Polarity)})
"""Documents that the sample is drawn from."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Share of documents on which person and machine agree, with its 95 % interval (Wilson)."""

    share: float
    low: float
    high: float
    n: int


@dataclass(slots=True)
class Sample:
    """The draw as it stands."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    """Machine's and person's label of each document that was drawn and answered."""
    skipped: int = 0
    """Documents drawn before the last one answered, without an answer: passed over, or come since."""
    waiting: list[str] = field(default_factory=list)
    """Ids to be answered next, in the order of the draw."""

    @property
    def figures(self) -> dict[str, Measured]:
        """Agreement on the label, and of negatives: judged so and right, negative and judged so."""
        shares = {
            "label": [judged == said for judged, said in self.pairs],
            "precision": [said == Polarity.NEG for judged, said in self.pairs if judged == Polarity.NEG],
            "recall": [judged == Polarity.NEG for judged, said in self.pairs if said == Polarity.NEG],
        }
        return {name: measured(sum(right), len(right)) for name, right in shares.items() if right}


class _Answer(NamedTuple):
    judged: str
    said: str
    drawn: bool


def measured(right: int, n: int) -> Measured:
    """The share *right* of *n* documents, at least one."""
    interval = Share(right, n).interval
    assert interval
    return Measured(right / n, *interval, n)


def sample(home: Home, store: Store, ahead: int = 0) -> Sample:
    """The draw up to its last answer, and on to *ahead* documents to be answered where there are so many."""
    answers = _answers(home)
    last = max((id for id, answer in answers.items() if answer.drawn), default="")
    found = Sample()
    drawn = store.columns(POPULATION, ("id",)) if last or ahead else ()
    for (id,) in takewhile(lambda row: row[0] <= last or len(found.waiting) < ahead, drawn):
        answer = answers.get(id)
        if answer is None:
            found.waiting.append(id)
            found.skipped += id < last
        elif id <= last and answer.judged:
            found.pairs.append((answer.judged, answer.said))
    return found


def unanswered(home: Home, store: Store) -> int:
    """Number of the documents that may be drawn and that nobody has answered."""
    answered = store.get(list(_answers(home)))
    return store.count(POPULATION) - sum(one.judgement.polarity is not None for one in answered)


def _answers(home: Home) -> dict[str, _Answer]:
    made: dict[str, list[Correction]] = defaultdict(list)
    for one in listed(home):
        if one.undone_at is None:
            made[one.document_id].append(one)
    return {id: answer for id, ones in made.items() if (answer := _answer(ones))}


def _answer(made: list[Correction]) -> _Answer | None:
    """The last word on a document, beside the machine's label; None where either is not known.

    Where both find a document unrelated, its polarity is no matter.
    """
    said, last = label_of(made), made[-1]
    if not said or last.judged is None:
        return None
    judged = last.judged
    if said == UNRELATED:
        if last.judged_relevant is None:
            return None
        judged = judged if last.judged_relevant else UNRELATED
    return _Answer(judged, said, any(one.drawn for one in made))
