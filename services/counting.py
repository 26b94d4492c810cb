"""Counts of negatives with an interval, the queue of documents to label, the judge's self-check."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from fengping.analysis import PolarityModel, SourceKind, counted_interval, kind_of
from fengping.analysis.counting import Counted, Labelled, most_telling
from fengping.analysis.polarity.parts import kind_by
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.indexer.drawn import Drawn, all_drawn, keep
from fengping.models import Document, Polarity
from fengping.services.stores import the_store
from fengping.state import State

DRAWN = 20_000
"""Documents whose probabilities are read for an interval. Ids are hashes, so the first in their order are a
draw at random."""
CHECKED = 200
"""Documents of a self-check."""
CHECK_DAYS = 30
_COLUMNS = ("id", "source", "site", "channel", "kind", "title", "text", "negative", "polarity", "model")


@dataclass(frozen=True, slots=True)
class Negatives:
    """Negatives of a window: as counted, and as estimated where enough rows are labelled."""

    counted: int
    estimated: Counted | None
    unjudged: int
    """Documents mostly in another language, which are in neither."""

    def __str__(self) -> str:
        if self.estimated is None:
            return f"{self.counted}条"
        return f"{self.counted}条（估计 {self.estimated.low:.0f}–{self.estimated.high:.0f}）"


@dataclass(frozen=True, slots=True)
class Question:
    """A document for an analyst to label: ``fengping correct ID --polarity …``."""

    document: Document
    probability: float
    """Of being negative, as judged when it was drawn."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Analysts' answers on documents drawn for self-checks since a day, summed up."""

    since: datetime
    answered: int
    waiting: int
    precision: float | None
    """Share of documents judged negative that are so."""
    precision_reach: float | None
    """Half of the 95 % interval."""
    recall: float | None
    recall_reach: float | None


def count_negatives(home: Home, where: Filter, *, store: Store | None = None) -> Negatives:
    """The negatives among matches of *where*, with an interval from the home's and the model's labels."""
    with the_store(home, store) as opened:
        rows, labels = list(islice(_rows(opened, where), DRAWN)), labelled_rows(home, opened)
        counts = dict(opened.terms(where, "polarity")) if len(rows) == DRAWN else {}
        unjudged = opened.count(where) - sum(counts.values()) if counts else 0
    judged = [row for row in rows if row.judged]
    predictions: dict[SourceKind, list[float]] = defaultdict(list)
    for row in judged:
        predictions[row.kind].append(row.probability)
    arrays = {kind: np.array(values) for kind, values in predictions.items()}
    if not counts:
        found = sum(row.found for row in judged)
        return Negatives(found, counted_interval(arrays, labels), len(rows) - len(judged))
    estimated = counted_interval(arrays, labels, whole=sum(counts.values()))
    return Negatives(counts.get(Polarity.NEG.value, 0), estimated, unjudged)


def labelled_rows(home: Home, store: Store) -> list[Labelled]:
    """Randomly drawn rows with labels: those in the model, and the home's own, answered from the queue.

    The home's are judged anew, so that an answer outlives the model that was asked about.
    """
    model = PolarityModel.load(home.config.analysis.polarity_model)
    rows = [
        Labelled(SourceKind(kind), float(probability), bool(said))
        for kind, probability, said in zip(*(column.tolist() for column in model.sample), strict=True)
    ]
    with State.open(home).begin() as connection:
        answers = {one.document_id: one.answer for one in all_drawn(connection) if one.answer is not None}
    if not answers:
        return rows
    documents = store.get(list(answers))
    kinds = [kind_of(document.raw) for document in documents]
    judged = model.predict([document.raw.content for document in documents], np.array(kinds, np.int64))
    return rows + [
        Labelled(kind, probability, answers[document.id] is Polarity.NEG)
        for kind, probability, document in zip(kinds, judged.negative.tolist(), documents, strict=True)
    ]


def has_labels(home: Home) -> bool:
    """True if analysts of the home answered any question from the queue."""
    with State.open(home).begin() as connection:
        return any(one.answer is not None for one in all_drawn(connection))


def questions(
    home: Home, where: Filter, number: int, now: datetime, *, check: bool = False, store: Store | None = None
) -> list[Question]:
    """Up to *number* documents whose labels narrow the count of *where* most.

    With *check* they are drawn from all alike, whatever their kind, as a self-check needs it. Those drawn
    before and not answered come first; what is new is drawn at random and written down, so that it stays a
    sample.
    """
    state = State.open(home)
    with the_store(home, store) as opened:
        with state.begin() as connection:
            drawn = all_drawn(connection)
        waiting = _stored(opened, (one for one in drawn if one.check == check))[:number]
        taken = {one.document_id for one in drawn}
        rows = [row for row in _rows(opened, where) if row.judged and row.id not in taken]
        labels = [] if check else labelled_rows(home, opened)
        fresh = _draw(rows, labels, number - len(waiting), check=check)
        made = [Drawn(r.id, now, int(r.kind), r.probability, r.found, check, r.model) for r in fresh]
        with state.begin() as connection:
            keep(connection, made)
        asked = {one.document_id: one.probability for one in (*waiting, *made)}
        return [Question(document, asked[document.id]) for document in opened.get(list(asked))]


def self_check(home: Home, since: datetime, *, store: Store | None = None) -> SelfCheck:
    """Precision and recall of negatives on documents drawn for self-checks since *since*."""
    with State.open(home).begin() as connection:
        drawn = [one for one in all_drawn(connection) if one.check and one.drawn_at >= since]
    answered = [one for one in drawn if one.answer is not None]
    with the_store(home, store) as opened:
        waiting = len(_stored(opened, drawn))
    right = sum(one.found and one.answer is Polarity.NEG for one in answered)
    found = _share(right, sum(one.found for one in answered))
    there = _share(right, sum(one.answer is Polarity.NEG for one in answered))
    return SelfCheck(since, len(answered), waiting, *found, *there)


def _stored(store: Store, drawn: Iterable[Drawn]) -> list[Drawn]:
    """Those of *drawn* that wait for an answer and are there to be asked about: of an import that was undone
    nothing is, until it comes again."""
    waiting = {one.document_id: one for one in drawn if one.answer is None}
    there = {document.id for document in store.get(list(waiting))} if waiting else set()
    return [one for id, one in waiting.items() if id in there]


def check_window(now: datetime) -> Filter:
    """Documents that a self-check draws from: those of the last thirty days."""
    return Filter(since=now - timedelta(days=CHECK_DAYS), until=now)


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    kind: SourceKind
    probability: float
    found: bool
    judged: bool
    model: str


def _rows(store: Store, where: Filter) -> Iterator[_Row]:
    rows = store.columns(where, _COLUMNS)
    for id, source, site, channel, kind, title, text, negative, polarity, model in rows:
        told = kind_by(source, site, title, text, kind, channel)
        judged = polarity is not None and negative is not None
        yield _Row(id, told, negative or 0.0, polarity == Polarity.NEG, judged, model)


def _draw(rows: Sequence[_Row], labels: Sequence[Labelled], number: int, *, check: bool) -> list[_Row]:
    """*number* of *rows* at random: in the order of the hashes of their ids, which say nothing of them."""
    if number <= 0:
        return []
    rows = sorted(rows, key=lambda row: hashlib.blake2b(row.id.encode(), digest_size=8).digest())
    if check:
        return rows[:number]
    by_kind: dict[SourceKind, list[_Row]] = defaultdict(list)
    for row in rows:
        by_kind[row.kind].append(row)
    predictions = {kind: np.array([row.probability for row in found]) for kind, found in by_kind.items()}
    wanted = most_telling(predictions, labels, number)
    return [row for kind, count in wanted.items() for row in by_kind[kind][:count]]


def _share(part: int, whole: int) -> tuple[float | None, float | None]:
    """A share and half of its 95 % interval (Agresti and Coull 1998); None of nothing."""
    if not whole:
        return None, None
    n = whole + 1.96**2
    p = (part + 1.96**2 / 2) / n
    return part / whole, 1.96 * float(np.sqrt(p * (1 - p) / n))
