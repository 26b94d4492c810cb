"""Answers beside the charges they answer: in the event itself, or told apart from it within thirty days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

import numpy as np

from fengping.events.answers import parties as naming
from fengping.events.answers.parties import side_of
from fengping.events.answers.verdicts import Case
from fengping.events.building.book import Book
from fengping.events.building.candidates import PARTIES, Member
from fengping.events.building.naming import number_of
from fengping.events.matching.kernel import UNDATED, Array
from fengping.events.matching.sketch import Part, hash_of

ANSWER_DAYS = 30
BEFORE = timedelta(days=7)
"""Time before the first collected charge in which the accused may have answered it."""
AFTER = timedelta(days=ANSWER_DAYS)
"""Time after the last one in which they may answer."""
READ = 60
"""Documents of one event that are read for answers; so many outside it are looked at."""
LEADS = 4
"""Charges that a document outside the event is compared with."""


def read_of(group: Iterable[Member]) -> list[Member]:
    """Members of an event that are read for answers, in their order. Of more than :data:`READ`, those judged
    to answer, punish or rule go before others, and complaints, which ask for amends, come last."""
    said = [member for member in group if Part.SAID in member.part]
    first = sorted(range(len(said)), key=lambda at: _turn(said[at].part))[:READ]
    return [said[at] for at in sorted(first)]


def _turn(part: Part) -> int:
    if Part.ACT in part:
        return 0
    return 2 if Part.CHARGE in part else 1


_TURNS = np.array([_turn(Part(bits)) for bits in range(4 * Part.ACT)], np.uint8)
"""The same of each value of a part."""


class Linker:
    """Finds the documents that may answer an event; whoever is named must be known by all names."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], book: Book) -> None:
        """*names*: of each party, all names it goes by (:func:`~.parties.known_names`); *book*: all documents
        there are, so that answers told apart from their charge are found."""
        self._names, self._book = names, book
        self._said = _Parties(book, Part.SAID)

    def cases(self, groups: Mapping[str, Sequence[Member]]) -> list[Case]:
        """Events as their answers are looked for: by whom, and in which documents."""
        found = []
        for event, group in groups.items():
            parties = _spoken_of(group)
            beside = self._beside(event, group, parties)
            own = [m.document for m in read_of(group)]
            charges = [m.document for m in group if Part.CHARGE in m.part][:LEADS] if beside else []
            side = side_of(group, parties)
            found.append(Case(parties, side, own, beside, charges))
        return found

    def _beside(self, event: str, group: Sequence[Member], parties: Sequence[str]) -> list[str]:
        charges = [m.published_at for m in group if Part.CHARGE in m.part and m.published_at]
        if not charges:
            return []
        since, until = min(charges) - BEFORE, max(charges) + AFTER
        own = number_of(event)
        named = [self._said.between(party, since, until) for party in naming.names_of(parties, self._names)]
        slots = np.concatenate((np.zeros(0, np.int64), *named))
        slots = slots[self._book.events[slots] != own]
        turns = _TURNS[self._book.column("kind")[slots]]
        found = _first(slots[np.argsort(turns, kind="stable")].tolist(), READ)
        return self._book.ids(np.array(found, np.int64))

    def addressed(self, fresh: Array) -> Array:
        """Numbers of events with a charge that one of the *fresh* slots may answer though it joined another:
        of one party, by whatever name, in time."""
        new = _Parties(self._book, Part.SAID, fresh)
        charges = _Parties(self._book, Part.CHARGE)
        accused_as = defaultdict(set)
        for party, names in self._names.items():
            for name in names:
                accused_as[hash_of(name)].add(hash_of(party))
        found = [np.zeros(0, np.uint64)]
        for party in np.unique(new.party).tolist():
            moments = new.seconds[new.of(party)]
            for accused in {party, *accused_as[party]}:
                asked = charges.of(accused)
                since = charges.seconds[asked] - int(BEFORE.total_seconds())
                until = charges.seconds[asked] + ANSWER_DAYS * 86_400
                at = np.searchsorted(moments, since)
                answered = moments[np.minimum(at, len(moments) - 1)] < until
                found.append(self._book.events[charges.slot[asked][answered & (at < len(moments))]])
        return np.unique(np.concatenate(found))


class _Parties:
    """Slots by the parties they name, each party's in time order."""

    def __init__(self, book: Book, part: Part, among: Array | None = None) -> None:
        """Those of one *part*; of all slots or *among* some."""
        kinds, seconds = book.column("kind"), book.column("seconds")
        of_part = (kinds & int(part) != 0) & (seconds != UNDATED)
        slots = np.flatnonzero(of_part) if among is None else among[of_part[among]]
        hashes = book.column("parties")[slots]
        at, place = np.nonzero(hashes)
        party, slot = hashes[at, place], slots[at]
        low, high = book.column("low")[slot], book.column("high")[slot]
        order = np.lexsort((low, high, seconds[slot], party))
        self.party, self.slot = party[order], slot[order]
        self.seconds = seconds[self.slot]

    def of(self, party: int) -> slice:
        """The places of a party, by its hash."""
        asked = np.uint64(party)
        return slice(
            int(np.searchsorted(self.party, asked, "left")), int(np.searchsorted(self.party, asked, "right"))
        )

    def between(self, party: str, since: datetime, until: datetime) -> Array:
        """Slots that name *party*, from *since* on and before *until*."""
        places = self.of(hash_of(party))
        first, last = np.searchsorted(
            self.seconds[places], (ceil(since.timestamp()), ceil(until.timestamp()))
        )
        return self.slot[places][first:last]


def _first(items: Iterable[int], count: int) -> list[int]:
    """The first *count* different items."""
    found: dict[int, None] = {}
    for item in items:
        found[item] = None
        if len(found) == count:
            break
    return list(found)


def _spoken_of(group: Sequence[Member]) -> tuple[str, ...]:
    """The parties most documents name, of charges before others."""
    charges = [member for member in group if Part.CHARGE in member.part] or list(group)
    counted = Counter(party for member in charges for party in member.parties)
    return tuple(party for party, count in counted.most_common(PARTIES) if count * 5 >= len(charges))
