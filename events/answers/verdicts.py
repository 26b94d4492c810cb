"""Documents of an event read for its steps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from fengping.events.answers import parties as naming
from fengping.events.answers.matter import answers_matter
from fengping.events.answers.signals import steps_in
from fengping.events.answers.status import Status, Step, joined, standing
from fengping.events.building.candidates import title_of
from fengping.home import Home
from fengping.indexer import Store
from fengping.models import Document

_HELD = 5_000
"""Documents that are held at once, about: in a great edition five hundred events ask for sixty thousand."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings about an event's charge."""

    parties: tuple[str, ...]
    steps: tuple[Step, ...]
    linked: tuple[str, ...]
    """Documents outside the event that answer it."""

    @property
    def status(self) -> Status:
        """The one that the steps leave."""
        return standing(self.steps)


class Case(NamedTuple):
    """An event as its answers are looked for; documents by their ids."""

    parties: tuple[str, ...]
    side: tuple[str, ...]
    """Those of them whose words are an answer."""
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
        """The steps of each case."""
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
        names = naming.names_of(case.side, self._names)
        own, beside, leads = ([self._held[id] for id in ids if id in self._held] for ids in case[2:])
        steps = [step for document in own for step in _sure(document, names)]
        charges = [(title_of(lead), lead.raw.published_at) for lead in leads]
        linked = []
        for document in beside:
            if (found := _sure(document, names)) and _answers(charges, document, names):
                steps += found
                linked.append(document.id)
        return Verdict(case.parties, joined(steps), tuple(linked))


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


def _sure(document: Document, names: Collection[str]) -> list[Step]:
    return [step for step, sure in steps_in(document, names) if sure]


def _answers(
    charges: Sequence[tuple[str, datetime | None]], document: Document, names: Sequence[str]
) -> bool:
    """True if *document*, of the side that goes by *names*, is about the matter of one of the *charges*:
    title and time of each."""
    told, content = document.raw.published_at, document.raw.content
    # The other side of a quarrel is named in all its matters: before the charge that tells nothing.
    named = (*names, *document.judgement.hosts)
    return told is not None and any(
        asked is not None and answers_matter(title, content, named if told < asked else names, told - asked)
        for title, asked in charges
    )
