"""Publishers of an event in the order in which they came to it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from fengping.events.building.candidates import publisher
from fengping.indexer import Sort
from fengping.models import Document
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.quoting import where_published
from fengping.reports.scope import ALL
from fengping.reports.wording import Fact, Query, Reference

READ = 500
"""Documents, the oldest, that are read for their publishers."""
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Publisher:
    """A site, or an account that is not named."""

    first: Reference
    where: str
    tier: str
    count: Fact
    copies: Fact
    """Those of its documents that repeat an earlier one, whoever published that."""


@dataclass(frozen=True, slots=True)
class Publishers:
    """The *first* to publish, by how many *others* followed, and how many documents were *read* for it."""

    first: tuple[Publisher, ...]
    others: int
    read: int
    partly: bool
    """True where there are more documents than were read."""


def publishers_of(ask: Counter, whole: Fact) -> Publishers:
    """The publishers of the scope, which holds *whole*; those who came first."""
    asked = ask.within(ALL)
    found = ask.store.search(asked, limit=READ, sort=Sort.OLDEST)
    own = defaultdict[tuple[str, str], list[Document]](list)
    for document in found.documents:
        own[publisher(document)].append(document)
    words = Query("count", asked).words()
    first = [
        _publisher(ask, documents, f"publisher.{at}", f"{words} of publisher {at} in time order", whole)
        for at, documents in enumerate(list(own.values())[:SHOWN], start=1)
    ]
    read = len(found.documents)
    return Publishers(tuple(first), len(own) - len(first), read, found.total > read)


def _publisher(ask: Counter, documents: list[Document], id: str, words: str, whole: Fact) -> Publisher:
    lead, shown = documents[0], tuple(ask.shown(document) for document in documents[:3])
    where = where_published(lead)
    copies = [document for document in documents if not document.first_in_group]
    count = Fact(id, f"{where}的信息", len(documents), Query(words), basis=(whole,), documents=shown)
    repeated = Fact(f"{id}.copies", f"{where}的转载", len(copies), Query(f"{words}, copies"), basis=(count,))
    return Publisher(shown[0], where, lead.tier, count, repeated)
