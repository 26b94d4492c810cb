"""Answers beside the charges they answer: in the event itself, or told apart from it within thirty days."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from fengping.analysis.text.word_finder import WordFinder
from fengping.events.answers import parties as naming
from fengping.events.answers.sides import side_of
from fengping.events.answers.verdicts import Case
from fengping.events.building.candidates import PARTIES, Member
from fengping.events.matching.sketch import Part

ANSWER_DAYS = 30
BEFORE = timedelta(days=7)
"""Time before the first collected charge in which the accused may have answered it."""
READ = 60
"""Documents of one event that are read for answers, the earliest; so many outside it are looked at."""
LEADS = 4
"""Charges that a document outside the event is compared with."""


class Linker:
    """Finds the documents that may answer an event; whoever is named must be known by all names."""

    def __init__(
        self, names: Mapping[str, tuple[str, ...]], members: Mapping[str, Member], event: Mapping[str, str]
    ) -> None:
        """*names*: of each party, all names it goes by (:func:`~.parties.known_names`); *members*: all
        documents there are, so that answers told apart from their charge are found; *event*: of each."""
        said: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for member in members.values():
            if Part.SAID in member.part and member.published_at:
                for party in member.parties:
                    said[party].append((member.published_at, member.document))
        self._names, self._event = names, event
        self._said = {party: sorted(found) for party, found in said.items()}
        # A party that the lists lack is known from the titles in which it speaks.
        self._speakers = sorted(party for party in said if len(party) > 1)
        self._finder = WordFinder(self._speakers)

    def cases(self, groups: Mapping[str, Sequence[Member]], titles: Mapping[str, str]) -> list[Case]:
        """Events as their answers are looked for: by whom, and in which documents."""
        found = []
        for event, group in groups.items():
            parties = accused(group) or self._speaker(titles[event])
            beside = self._beside(event, group, parties)
            own = [m.document for m in group if Part.SAID in m.part][:READ]
            told = bool(own or beside)
            charges = [m.document for m in group if Part.CHARGE in m.part][:LEADS] if told else []
            side = side_of(group, parties)
            found.append(Case(parties, side, titles[event], own, beside, charges))
        return found

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


def accused(group: Sequence[Member]) -> tuple[str, ...]:
    """The parties most documents name, of charges before others."""
    charges = [member for member in group if Part.CHARGE in member.part] or list(group)
    counted = Counter(party for member in charges for party in member.parties)
    return tuple(party for party, count in counted.most_common(PARTIES) if count * 5 >= len(charges))
