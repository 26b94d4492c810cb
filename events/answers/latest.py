"""The latest answer of one party to the matter of a charge, with the sentence that gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fengping.events.answers import parties as naming
from fengping.events.answers.linking import ANSWER_DAYS, BEFORE, READ
from fengping.events.answers.matter import names_another
from fengping.events.answers.status import ANSWERS, OF_ACT, Step
from fengping.events.answers.verdicts import answers, read_document
from fengping.events.asking import events_of_documents
from fengping.events.building.candidates import title_of
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search.query.tree import Or, Term
from fengping.models import Act, Document

_VERB = re.compile("宣布|回应|回复|致歉|道歉|否认|承认|辟谣|澄清|声明|表示|称|告知|发文|发布|发声")
_TOWARDS = re.compile("(?<!针)[对向给](?!此)")
"""The words before those whom an act is aimed at: who acts stands on their left."""
Names = Mapping[str, tuple[str, ...]]
"""Hosts with all the names that are certainly theirs."""


def latest_answers(
    home: Home, store: Store, charges: Sequence[Document], party: str, now: datetime
) -> dict[str, Step]:
    """Id of a charge → the latest answer *party* gave to its matter before *now*; none where there is none.

    Either a document of its event gives it, or a response on its matter that no event holds yet. Without
    *party* whoever is accused may answer.
    """
    known = naming.known_names(home)
    events = events_of_documents(home, [charge.id for charge in charges])
    found = {}
    for charge in charges:
        event = events.get(charge.id)
        names = naming.names_of([party] if party else event.parties if event else (), known)
        told = store.get([step.document for step in event.steps]) if event else []
        asked = [(title_of(charge), charge.raw.published_at)]
        told += [one for one in _responses(store, charge, names) if answers(asked, one, names)]
        given = [step for one in told for step in _given(one, charge, names, known)]
        dated = sorted((step.at, step.document, step) for step in given if step.at and step.at <= now)
        if dated:
            found[charge.id] = dated[-1][2]
    return found


def steps_for(
    home: Home,
    steps: Sequence[Step],
    charge: Document,
    parties: Sequence[str],
    documents: Mapping[str, Document],
) -> tuple[Step, ...]:
    """Those of an event's *steps* whose sentence speaks of *parties* and of the matter of *charge*."""
    known = naming.known_names(home)
    names = naming.names_of(parties, known)
    return tuple(
        step
        for step in steps
        if (document := documents.get(step.document))
        and (not names or _of_side(step.sentence, document, names, known))
        and not names_another(step.sentence, document.raw.title, charge.raw.content, names)
    )


def _of_side(sentence: str, document: Document, names: Sequence[str], known: Names) -> bool:
    """True if the side that goes by *names* speaks in *sentence*: of all hosts, named last."""
    verb = _VERB.search(sentence)
    end = verb or _TOWARDS.search(sentence)
    before = sentence[: end.start()] if end else sentence
    others = {name for host in document.judgement.hosts for name in known.get(host, (host,))} - set(names)
    own, foreign = (max((before.rfind(name) for name in of), default=-1) for of in (names, others))
    if own < 0 and foreign < 0:
        return any(name in document.raw.content for name in names)
    return own >= foreign


def _given(document: Document, charge: Document, names: Sequence[str], known: Names) -> Iterator[Step]:
    """The strongest answer a document gives."""
    read = read_document(document, names)
    for said in reversed(read.said):
        if (
            said.act in ANSWERS
            and _of_side(said.sentence, document, names, known)
            and not names_another(said.sentence, document.raw.title, charge.raw.content, names)
        ):
            yield Step(OF_ACT[said.act], read.at, read.id, said.sentence, said.authority)
            return


def _responses(store: Store, charge: Document, names: Iterable[str]) -> Sequence[Document]:
    at, named = charge.raw.published_at, tuple(Term(name) for name in names)
    if at is None or not named:
        return ()
    asked = Filter(
        text=Or(named), since=at - BEFORE, until=at + timedelta(days=ANSWER_DAYS),
        where={"act": (Act.RESPONSE.value,)},
    )  # fmt: skip
    return store.search(asked, limit=READ, sort=Sort.NEWEST).documents
