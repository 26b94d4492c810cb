"""The side that a charge is against: whose words are an answer to it, and which matter they are on. Pure.

Everything that shows an answer asks here, so that a page, a report and an alarm cannot differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fengping.events.answers.matter import names_another
from fengping.events.answers.parties import names_of
from fengping.events.answers.penalties import is_house_of
from fengping.events.answers.said import Said
from fengping.events.building.candidates import CHARGING, PARTIES, Member
from fengping.events.matching.sketch import Part
from fengping.models import Document

_VERB = re.compile(
    "宣布|回应|回复|致歉|道歉|否认|承认|辟谣|澄清|声明|表示|称|告知|发文|发布|发声|起诉|状告|控告"
)
_TOWARDS = re.compile("(?<!针)[对向给](?!此)")
"""The words before those whom an act is aimed at: who acts stands on their left."""
_ANSWERED = re.compile("(?<!被)回应[^，。：！？“”]{2,16}?(?:表示|[称说])(?:[：，]?“[^”]*”|[^。！？]*)")
"""An answer that a text on another matter tells beside it: ``回应涨价称……``."""
_HASHTAG = re.compile("#[^#]+#")
Names = Mapping[str, tuple[str, ...]]
"""Hosts with all the names that are certainly theirs."""


def side_of(group: Sequence[Member], parties: Sequence[str]) -> tuple[str, ...]:
    """Those of *parties* whom charges of an event accuse at least half as often as the most accused.

    All of them where nobody is accused. A seller whom one post of many names has nothing to answer; those of
    the first charge have, where it names two at most: it is theirs that is told of an event first.
    """
    accusing = [member for member in group if Part.ACCUSING in member.part]
    often = Counter(party for member in accusing for party in member.parties)
    return side_counted(often, accusing[0].parties if accusing else (), parties)


def side_counted(often: Mapping[str, int], first: Sequence[str], parties: Sequence[str]) -> tuple[str, ...]:
    """:func:`side_of` by how *often* each party is accused, and by those whom the *first* charge accuses."""
    most = max((often.get(party, 0) for party in parties), default=0)
    return tuple(
        party for party in parties if 2 * often.get(party, 0) >= most or (len(first) < 3 and party in first)
    )


def accused_by(group: Sequence[Member]) -> tuple[str, ...]:
    """The parties that documents of an event accuse, most often first; none where all only speak of somebody.

    One that fewer than a fifth of them accuse is left out: one post of many names makes no accused.
    """
    accusing = [member for member in group if Part.ACCUSING in member.part]
    often = Counter(party for member in accusing for party in member.parties)
    return tuple(party for party, count in often.most_common(PARTIES) if count * 5 >= len(accusing))


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as answers to it are told from others."""

    names: tuple[str, ...]
    """All names of the side that it is against."""
    parties: tuple[str, ...]
    """All names of whoever is accused of it, the side first."""
    contents: Mapping[str, str]
    """Id → text of the documents that tell it; the first one says what the matter is."""
    known: Names

    def answered(self, said: Iterable[Said], document: Document) -> Iterator[Said]:
        """Acts among *said* that are of the side, and on the matter of the charge."""
        first = next(iter(self.contents), document.id)
        told = [_without_answers(text) for id, text in self.contents.items() if id != document.id]
        accused = self._accused_in(document) if document.id in self.contents else self.names
        # A later charge of one of them may tell what another answered.
        own = accused if document.id == first or not accused else self.names
        for one in said:
            if self.names and not self._speaks(one.sentence, document, own):
                continue
            if document.id == first or not names_another(one.sentence, document.raw.title, told, self.names):
                yield one

    def _accused_in(self, document: Document) -> tuple[str, ...]:
        """Names of those of the side whom *document*, the first charge, accuses; of all where it accuses
        nobody. What the others say in it is the charge."""
        judged = document.judgement
        accused = names_of((*judged.negative_hosts, *(judged.negative_brands or ())), self.known)
        return tuple(name for name in self.names if name in accused or not accused)

    def _speaks(self, sentence: str, document: Document, names: Collection[str]) -> bool:
        """True if those of *names* speak in *sentence*, or are spoken of: of all hosts, named last."""
        judged, known = document.judgement, self.known
        hosts = {name for host in judged.hosts for name in known.get(host, (host,))}
        others = {*hosts, *self.names} - {*names}
        own, foreign = last_named(sentence, names, others)
        before = _before_the_verb(sentence)
        brands = (brand for brand in judged.brands or () if not self._is_own(brand))
        if own < 0 and any(brand in before for brand in brands):
            return False
        if own < 0 and foreign < 0:
            return any(name in document.raw.content for name in names)
        return own >= foreign

    def _is_own(self, brand: str) -> bool:
        """True for one of the accused, and for a house that is called after the side."""
        return brand in self.names or any(is_house_of(name, brand) for name in self.names)


def _without_answers(text: str) -> str:
    """A charge's *text* without what it tells that somebody answered: that is not what it charges."""
    return _ANSWERED.sub(" ", text)


def last_named(sentence: str, own: Iterable[str], others: Iterable[str]) -> tuple[int, int]:
    """The places of the last *own* name and of the last of *others* before the verb of *sentence*, or -1."""
    before = _before_the_verb(sentence)
    return (
        max((before.rfind(name) for name in own), default=-1),
        max((before.rfind(name) for name in others), default=-1),
    )


def _before_the_verb(sentence: str) -> str:
    # A topic (#甲将起诉乙#) tells what the sentence is on, not who speaks in it, if another verb does.
    plain = _HASHTAG.sub(lambda topic: " " * len(topic[0]), sentence)
    sentence = plain if _VERB.search(plain) else sentence
    end = _VERB.search(sentence) or _TOWARDS.search(sentence)
    return sentence[: end.start()] if end else sentence


def charge_of(
    side: Iterable[str], parties: Iterable[str], documents: Iterable[Document], known: Names
) -> Charge:
    """The charge that *documents* tell, the first of all, against *side* of all its *parties*."""
    names = names_of(side, known)
    every = tuple(dict.fromkeys((*names, *names_of(parties, known))))
    told = list(documents)
    # An answer says what it is to, which may be another matter.
    charging = [document for document in told if document.judgement.act in CHARGING] or told
    return Charge(names, every, {document.id: document.raw.content for document in charging}, known)
