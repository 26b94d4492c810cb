"""The latest answer of one party to the matter of a charge, with the sentence that gives it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fengping.events.answers import parties as naming
from fengping.events.answers.linking import ANSWER_DAYS, BEFORE, READ
from fengping.events.answers.sides import charge_of, last_named
from fengping.events.answers.status import ANSWERED, ANSWERS, OF_ACT, Read, Step
from fengping.events.answers.verdicts import answers, read_answer, read_beside
from fengping.events.asking import Event, answer_candidates, events_of_documents, side_of_event
from fengping.events.building.candidates import title_of
from fengping.home import Home
from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search import Or, Term
from fengping.models import Act, Document


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
        side = side_of_event(home, event) if event else ()
        own = not party or party in side
        names = naming.names_of([party] if party else side, known)
        # Of the side that the event is against, the event has it already.
        told = store.get(answer_candidates(home, event)) if event and not own else []
        asked = [(title_of(charge), charge.raw.published_at)]
        beside = [one for one in _responses(store, charge, names) if answers(asked, one, names)]
        of = charge_of([party] if party else side, (), [charge], known)
        reads = [*(read_answer(one, of) for one in told), *(read_beside(asked, one, of) for one in beside)]
        given = [step for read in reads for step in _given(read)]
        if event and own:
            steps = steps_of(event.steps, party, side, known)
            given += [step for step in steps if step.status in ANSWERED]
        dated = sorted(
            ((step.at, step.document, step) for step in given if step.at and step.at <= now),
            key=lambda one: one[:2],
        )
        if dated:
            found[charge.id] = dated[-1][2]
    return found


def own_answer(home: Home, event: Event, party: str) -> Step | None:
    """The latest answer of *party* in the history of *event*; none where it gave none."""
    steps = steps_of(event.steps, party, event.accused, naming.known_names(home))
    return next((step for step in reversed(steps) if step.status in ANSWERED), None)


def steps_of(
    steps: Iterable[Step], party: str, side: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> list[Step]:
    """Those of *steps* that are not by their sentence another's of the same side than *party*: where an event
    is against several, what one of them says or pays is not the others'."""
    return steps_about(steps, [party] if party else [], side, known)


def steps_about(
    steps: Iterable[Step], parties: Collection[str], side: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> list[Step]:
    """The same of several *parties*; all steps where there are none.

    Where a sentence names both, who is named last before the verb speaks.
    """
    mine = naming.names_of(parties, known)
    others = naming.names_of([one for one in side if one not in parties], known)

    def is_theirs(sentence: str) -> bool:
        own, foreign = last_named(sentence, mine, others)
        if own >= 0 or foreign >= 0:
            return own >= foreign
        return any(name in sentence for name in mine) or not any(name in sentence for name in others)

    return [step for step in steps if not parties or is_theirs(step.sentence)]


def _given(read: Read) -> Iterator[Step]:
    """The strongest answer a document gives."""
    for said in reversed(read.said):
        if said.act in ANSWERS:
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
