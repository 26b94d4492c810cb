"""Answers beside the charges they answer: in the event itself, or told apart from it within thirty days."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengping.analysis.text.word_finder import WordFinder
from fengping.events.answers import parties as naming
from fengping.events.answers.matter import answers_matter
from fengping.events.answers.reading import read
from fengping.events.answers.status import Read, Status, Step, history
from fengping.events.building.candidates import PARTIES, Member, title_of
from fengping.events.matching.sketch import Part
from fengping.home import Home
from fengping.indexer import Store
from fengping.models import Document

ANSWER_DAYS = 30
BEFORE = timedelta(days=7)
"""Time before the first collected charge in which the accused may have answered it."""
READ = 60
"""Documents of one event that are read for answers, the earliest; so many outside it are looked at."""
LEADS = 4
"""Charges that a document outside the event is compared with."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings about an event's charge."""

    parties: tuple[str, ...]
    steps: tuple[Step, ...]
    linked: tuple[str, ...]
    """Documents outside the event that answer it."""

    @property
    def status(self) -> Status:
        """The latest that evidence supports."""
        return self.steps[-1].status if self.steps else Status.UNPROVEN


class Reader:
    """Reads the documents of changed events for answers; whoever is named must be known by all names."""

    def __init__(self, home: Home, store: Store) -> None:
        self._store = store
        self._names = naming.known_names(home)
        self._said: dict[str, list[tuple[datetime, str]]] = {}
        self._speakers: list[str] = []
        self._finder = WordFinder(())
        self._event: Mapping[str, str] = {}
        self._held: dict[str, Document] = {}

    def learn(self, members: Mapping[str, Member], event: Mapping[str, str]) -> None:
        """All documents there are, so that answers told apart from their charge are found."""
        said: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for member in members.values():
            if Part.SAID in member.part and member.published_at:
                for party in member.parties:
                    said[party].append((member.published_at, member.document))
        self._said = {party: sorted(found) for party, found in said.items()}
        # A party that the lists lack is known from the titles in which it speaks.
        self._speakers = sorted(party for party in said if len(party) > 1)
        self._finder = WordFinder(self._speakers)
        self._event = event

    def titles(self, leads: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
        """Event → title of its leading document, out of *known* or the store."""
        asked = [document for document in leads.values() if document not in known]
        stored = {document.id: title_of(document) for document in self._store.get(asked)} if asked else {}
        return {event: known.get(lead) or stored.get(lead, "") for event, lead in leads.items()}

    def read(self, groups: Mapping[str, Sequence[Member]], titles: Mapping[str, str]) -> dict[str, Verdict]:
        """Charges answered, punished or taken back in each event."""
        parties = {event: accused(group) or self._speaker(titles[event]) for event, group in groups.items()}
        own = {e: [m.document for m in g if Part.SAID in m.part][:READ] for e, g in groups.items()}
        beside = {event: self._beside(event, group, parties[event]) for event, group in groups.items()}
        leads = {
            e: [m.document for m in g if Part.CHARGE in m.part][:LEADS] if beside[e] else []
            for e, g in groups.items()
        }
        wanted = {id for lists in (own, beside, leads) for ids in lists.values() for id in ids}
        stored = self._fetch(wanted)
        return {
            event: self._verdict(
                parties[event],
                titles[event],
                *(
                    [stored[id] for id in ids if id in stored]
                    for ids in (own[event], beside[event], leads[event])
                ),
            )
            for event in groups
        }

    def _fetch(self, wanted: Collection[str]) -> dict[str, Document]:
        """Stored documents by id. Those of the last call are held: neighbours in time ask for the same."""
        missing = sorted(id for id in wanted if id not in self._held)
        held = {id: self._held[id] for id in wanted if id in self._held}
        self._held = held | {document.id: document for document in self._store.get(missing)}
        return self._held

    def _speaker(self, title: str) -> tuple[str, ...]:
        """The party named first, the longest where several names begin there."""
        found = self._finder.find(title)
        if not found:
            return ()
        _, _, number = min(found, key=lambda word: (word[1], -word[0]))
        return (self._speakers[number],)

    def _beside(self, event: str, group: Sequence[Member], parties: Sequence[str]) -> list[str]:
        charges = [m.published_at for m in group if Part.CHARGE in m.part and m.published_at]
        if not charges:
            return []
        since, until = min(charges) - BEFORE, max(charges) + timedelta(days=ANSWER_DAYS)
        found = (
            document
            for party in naming.names_of(parties, self._names)
            for _, document in _between(self._said.get(party, ()), since, until)
            if self._event.get(document) != event
        )
        return _first(found, READ)

    def _verdict(
        self,
        parties: tuple[str, ...],
        title: str,
        own: Sequence[Document],
        beside: Sequence[Document],
        leads: Sequence[Document],
    ) -> Verdict:
        if not own and not beside:
            return Verdict(parties, (), ())
        if not parties and (subject := naming.subject_of([title, *(title_of(document) for document in own)])):
            parties = (subject,)
        names = naming.names_of(parties, self._names)
        reads = [read_document(document, names) for document in own]
        linked = []
        charges = [(title_of(lead), lead.raw.published_at) for lead in leads]
        for document in beside:
            if answers(charges, document, names):
                answer = read_document(document, names)
                if answer.said:
                    reads.append(answer)
                    linked.append(document.id)
        return Verdict(parties, history(reads), tuple(linked))


def addressed(
    fresh: Iterable[Member],
    members: Mapping[str, Member],
    of_event: Mapping[str, str],
    known: Collection[str],
) -> set[str]:
    """Events, *known* ones left out, with a charge that what came in may answer though it joined none: of
    one party, in time."""
    said: defaultdict[str, list[datetime]] = defaultdict(list)
    for member in fresh:
        if Part.SAID in member.part and member.published_at:
            for party in member.parties:
                said[party].append(member.published_at)
    for moments in said.values():
        moments.sort()
    found: set[str] = set()
    for id, member in members.items():
        if Part.CHARGE not in member.part or not member.published_at or (event := of_event.get(id)) is None:
            continue
        if event in known or event in found:
            continue
        since, until = member.published_at - BEFORE, member.published_at + timedelta(days=ANSWER_DAYS)
        for moments in (said[party] for party in member.parties if party in said):
            at = bisect_left(moments, since)
            if at < len(moments) and moments[at] < until:
                found.add(event)
    return found


def answers(charges: Sequence[tuple[str, datetime | None]], document: Document, names: Sequence[str]) -> bool:
    """True if *document*, of the side that goes by *names*, is about the matter of one of the *charges*:
    title and time of each."""
    told, content = document.raw.published_at, document.raw.content
    return told is not None and any(
        asked is not None and answers_matter(title, content, names, told - asked) for title, asked in charges
    )


def _between(
    said: Sequence[tuple[datetime, str]], since: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    """Those of *said*, which ascends, from *since* on and before *until*."""
    for at in range(bisect_left(said, (since, "")), len(said)):
        if said[at][0] >= until:
            return
        yield said[at]


def _first(items: Iterable[str], count: int) -> list[str]:
    """The first *count* different items."""
    found: dict[str, None] = {}
    for item in items:
        found[item] = None
        if len(found) == count:
            break
    return list(found)


def read_document(document: Document, names: Sequence[str]) -> Read:
    """A document with what it says of a charge against whoever goes by *names*."""
    raw = document.raw
    return Read(raw.id, raw.published_at, read(raw.title, raw.text, names))


def accused(group: Sequence[Member]) -> tuple[str, ...]:
    """The parties most documents name, of charges before others."""
    charges = [member for member in group if Part.CHARGE in member.part] or list(group)
    counted = Counter(party for member in charges for party in member.parties)
    return tuple(party for party, count in counted.most_common(PARTIES) if count * 5 >= len(charges))
