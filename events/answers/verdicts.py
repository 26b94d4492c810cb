"""Documents of an event read for answers, in this process or, where events are many, in others."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from fengping.errors import Failed
from fengping.events.answers import parties as naming
from fengping.events.answers import said as acts
from fengping.events.answers.matter import answers_matter, is_bare, shares_matter
from fengping.events.answers.penalties import (
    figure_of,
    read_judgment,
    read_penalty,
    read_sentenced,
    tells_others_penalty,
)
from fengping.events.answers.reading import read, read_each, refuses_refund, strongest
from fengping.events.answers.said import Said, sentences
from fengping.events.answers.sides import Charge, charge_of
from fengping.events.answers.signals import said_in
from fengping.events.answers.status import ANSWERS, OF_ACT, Read, Status, Step, history
from fengping.events.building.candidates import CHARGING, title_of
from fengping.home import Home
from fengping.indexer import Store, open_store
from fengping.models import Act, Document
from fengping.workers import worker_pool

_AHEAD = 3
"""Lists of cases that each process has before it."""
_HELD = 5_000
"""Documents that are held at once, about: in a great edition five hundred events ask for sixty thousand."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings about an event's charge."""

    parties: tuple[str, ...]
    steps: tuple[Step, ...]
    linked: tuple[str, ...]
    """Documents outside the event that answer it."""
    title: str = ""
    """Of its first charge, where it begins with an answer to something else."""

    @property
    def status(self) -> Status:
        """The latest that evidence supports."""
        return self.steps[-1].status if self.steps else Status.UNPROVEN


class Case(NamedTuple):
    """An event as its answers are looked for; documents by their ids."""

    parties: tuple[str, ...]
    side: tuple[str, ...]
    """Those of them whose words are an answer."""
    title: str
    own: list[str]
    """Documents of the event that say something."""
    beside: list[str]
    """Documents of the same party outside it."""
    charges: list[str]
    """Its first charges, with whose matter answers are compared."""


class Reader:
    """Reads cases out of a store."""

    def __init__(self, home: Home, store: Store) -> None:
        self._store = store
        self._names = naming.known_names(home)
        self._held: dict[str, Document] = {}

    def titles(self, leads: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
        """Event → title of its leading document, out of *known* or the store."""
        asked = [document for document in leads.values() if document not in known]
        stored = {document.id: title_of(document) for document in self._store.get(asked)} if asked else {}
        return {event: known.get(lead) or stored.get(lead, "") for event, lead in leads.items()}

    def read(self, cases: Sequence[Case]) -> list[Verdict]:
        """Charges answered, punished or taken back, for each case."""
        found = []
        for part in _parts(cases):
            self._fetch({id for case in part for id in _asked(case)})
            found += [self._verdict(case) for case in part]
        return found

    def _fetch(self, wanted: Collection[str]) -> None:
        """Holds the documents *wanted*, and no others: neighbours in time ask for the same."""
        missing = sorted(id for id in wanted if id not in self._held)
        held = {id: self._held[id] for id in wanted if id in self._held}
        self._held = held | {document.id: document for document in self._store.get(missing)}

    def _verdict(self, case: Case) -> Verdict:
        parties, side = case.parties, case.side
        own, beside, leads = ([self._held[id] for id in ids if id in self._held] for ids in case[3:])
        if not own and not beside:
            return Verdict(parties, (), ())
        titles = [case.title, *(title_of(document) for document in own)]
        if not parties and (subject := naming.subject_of(titles)):
            parties = side = (subject,)
        charge = charge_of(side, parties, {d.id: d for d in (*leads, *own)}.values(), self._names)
        reads = [read_answer(document, charge) for document in own]
        linked = []
        charges = [(title_of(lead), lead.raw.published_at) for lead in leads]
        for document in beside:
            if answers(charges, document, charge.parties):
                answer = read_beside(charges, document, charge)
                if answer.said:
                    reads.append(answer)
                    linked.append(document.id)
        steps = history(_undisputed(_to_the_matter(reads), own, charge.parties))
        if not steps and leads and not (parties and _accuses(leads[0])):
            steps = tuple(_of_nobody(leads[0]))
        title = _title_of_charge(leads, steps)
        return Verdict(parties, steps, tuple(linked), title)


def _asked(case: Case) -> Iterator[str]:
    """The documents of *case*."""
    return chain(case.own, case.beside, case.charges)


def _parts(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """*cases* in lists that ask for about :data:`_HELD` documents."""
    part: list[Case] = []
    asked: set[str] = set()
    for case in cases:
        part.append(case)
        asked.update(_asked(case))
        if len(asked) >= _HELD:
            yield part
            part, asked = [], set()
    if part:
        yield part


def _title_of_charge(leads: Sequence[Document], steps: Sequence[Step]) -> str:
    """The title of the first complaint or report among *leads* that begin with an answer to something else,
    or under a title that answers and charges nothing; else nothing."""
    if not leads:
        return ""
    is_answer = leads[0].judgement.act is Act.RESPONSE
    said = {step.sentence for step in steps}
    if is_answer if not steps else not is_answer and leads[0].raw.title in said:
        charging = (one for one in leads if one.judgement.act in CHARGING)
        return next((title_of(one) for one in charging if one.raw.title not in said), "")
    return ""


def _accuses(document: Document) -> bool:
    """True if *document* is judged to accuse somebody; who is named and not accused may be the victim."""
    return bool(document.judgement.negative_hosts or document.judgement.negative_brands)


def _of_nobody(document: Document) -> Iterator[Step]:
    """A judgment or a punishment that names nobody, with the first sentence that tells it."""
    raw = document.raw
    if document.judgement.reading:
        return
    punished = document.judgement.act is Act.PENALTY
    heads = (raw.title, *sentences(raw.text)) if punished else (raw.title,)
    said = read_penalty(raw.title, raw.text) if punished else None
    said = said or read_sentenced(heads) or read_judgment(raw.title, raw.text)
    if said:
        yield Step(OF_ACT[said.act], raw.published_at, raw.id, said.sentence, said.authority)


def _to_the_matter(reads: Sequence[Read]) -> list[Read]:
    """*reads* without answers that only refuse a refund, where anybody gives another answer."""
    answers = [one for read in reads for one in read.said if one.act in ANSWERS]
    if all(map(refuses_refund, answers)):
        return list(reads)
    return [replace(read, said=tuple(one for one in read.said if not refuses_refund(one))) for read in reads]


def _undisputed(reads: Sequence[Read], own: Iterable[Document], names: Sequence[str]) -> list[Read]:
    """*reads* without penalties for which no authority is named, where the event tells of another's: of the
    same amount, or of none. An order that one of *names* is given (责令甲停业) is nobody else's."""
    told = (tells_others_penalty(document.raw.title, document.raw.text, names) for document in own)
    others = {figure for figure in told if figure is not None}

    def holds(said: Said) -> bool:
        if said.act is not acts.Act.PENALTY or said.authority or not others:
            return True
        if any(f"责令{name}" in said.sentence for name in names):
            return True
        figure = figure_of(said.sentence)
        return bool(figure) and "" not in others and figure not in others

    return [replace(read, said=tuple(filter(holds, read.said))) for read in reads]


def read_apart(home: Home, lists: Iterable[Sequence[Case]]) -> Iterator[list[Verdict]]:
    """:meth:`Reader.read` of each list, in order, by as many processes as there are processors.

    Each opens the home's store for itself. Raises :class:`Failed` where one of them dies.
    """
    workers = os.cpu_count() or 1
    waiting: deque[Future[list[Verdict]]] = deque()
    with worker_pool(workers, _begin, home.root) as pool:
        try:
            for cases in lists:
                waiting.append(pool.submit(_read, cases))
                if len(waiting) >= workers * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise Failed(
                "A process that reads events died; the machine may be out of memory.",
                remedy="Run it again with more memory; nothing is lost.",
            ) from None


_root: Path | None = None
_reader: Reader | None = None
"""In a process of :func:`read_apart`: the home, and what reads its store, opened by the first list."""


def _begin(root: Path) -> None:
    global _root
    _root = root


def _read(cases: Sequence[Case]) -> list[Verdict]:
    global _reader
    assert _root is not None
    if _reader is None:
        home = Home.open(_root)
        _reader = Reader(home, open_store(home))
    return _reader.read(cases)


def answers(charges: Sequence[tuple[str, datetime | None]], document: Document, names: Sequence[str]) -> bool:
    """True if *document*, of the side that goes by *names*, is about the matter of one of the *charges*:
    title and time of each."""
    told, content = document.raw.published_at, document.raw.content
    # The other side of a quarrel is named in all its matters: before the charge that tells nothing.
    named = (*names, *document.judgement.hosts)
    return told is not None and any(
        asked is not None and answers_matter(title, content, named if told < asked else names, told - asked)
        for title, asked in charges
    )


def read_document(document: Document, names: Sequence[str]) -> Read:
    """A document with what it says of a charge against whoever goes by *names*."""
    raw = document.raw
    if document.judgement.reading:
        return Read(raw.id, raw.published_at, strongest(said_in(document, names)))
    return Read(raw.id, raw.published_at, read(raw.title, raw.text, names))


def read_beside(charges: Sequence[tuple[str, datetime | None]], document: Document, charge: Charge) -> Read:
    """A document outside the event of *charge* with what it says to it.

    A text on several matters answers one of the *charges* by the sentence alone that shares a piece with it,
    or follows on one that does. Names are no such piece.
    """
    raw, judged = document.raw, document.judgement
    hosts = naming.names_of(judged.hosts, charge.known)
    names = (*charge.parties, *hosts, *(judged.brands or ()))
    if judged.reading:
        found = said_in(document, charge.names)
    else:
        found = read_each(raw.title, raw.text, charge.parties)
    lines = [*sentences(raw.title), *sentences(raw.text)]
    before = dict(zip(lines[1:], lines, strict=False))
    said = [
        one
        for one in charge.answered(found, document)
        if is_bare(raw.content, charge.parties)
        or any(
            shares_matter(title, before.get(one.sentence, "") + one.sentence, names) for title, _ in charges
        )
    ]
    return Read(raw.id, raw.published_at, strongest(said))


def read_answer(document: Document, charge: Charge) -> Read:
    """A document with what it says to *charge*."""
    read = read_document(document, charge.names if document.judgement.reading else charge.parties)
    return replace(read, said=tuple(charge.answered(read.said, document)))
