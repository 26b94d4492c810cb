"""Events of a single text: those of which it says enough to make a case, or a lead."""

from __future__ import annotations

from collections.abc import Iterable

from fengping import events
from fengping.events.knowing import engagement_of
from fengping.events.knowing.claims import tells_amount
from fengping.events.knowing.reach import listed_key
from fengping.home import Home
from fengping.indexer import Sort
from fengping.models import Act, Document
from fengping.reports.facts.counter import Counter
from fengping.reports.facts.weighing import is_matter
from fengping.reports.scope import ALL, NEGATIVE, Cut

POOL = 30
"""Events of several texts that are looked at."""
FEW = 200
"""Negatives of a scope up to which events of a single text are looked at."""
DISCUSSED = 100
"""Comments, likes and reposts from which a text is much discussed."""
TALKED_OF = 1_000
"""Those from which a title alone is a case: that so many spoke of it is a fact of the period."""
_KEYS = ("title", "group", "site", "author_id", "author")


def told_once(home: Home, ask: Counter) -> dict[str, Cut]:
    """Events of which the scope holds one document, where few are negative: those that say enough, most
    discussed first. One that is alone altogether bears no event, and goes by its group."""
    found = ask.store.search(ask.within(NEGATIVE), limit=FEW + 1, sort=Sort.OLDEST)
    if found.total > FEW:
        return {}
    telling = {one.id: one for one in found.documents if says_enough(one)}
    ranked = sorted(telling.values(), key=lambda one: -(engagement_of([one]) or 0))
    known = events.events_of_documents(home, [one.id for one in ranked])
    cuts: dict[str, Cut] = {}
    for one in ranked:
        if event := known.get(one.id):
            cut = ALL.also(event=(event.id,)) if one.event else ALL.also(group=(one.group,))
            cuts.setdefault(event.id, cut)
    return cuts


def says_enough(document: Document) -> bool:
    """True if *document* promotes nothing, is in a class of complaints, tells a matter, and gives a figure or
    is much discussed."""
    judged = document.judgement
    if not judged.issues or judged.act is Act.PROMOTION or not is_matter(document):
        return False
    return tells_amount(document.raw.content) or (engagement_of([document]) or 0) >= DISCUSSED


def texts_of(ask: Counter, cut: Cut, event: str) -> int:
    """Number of different texts of *event* in the scope; an entry that a list took in again is none."""
    rows: Iterable[tuple[str, ...]] = ask.store.columns(ask.within(cut), _KEYS)
    return len({listed_key(title, group, event, *who) or group for title, group, *who in rows})
