"""Those who tell of an event: publishers of their own words, whom half of them accuse, the first of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fengping.events import event_of
from fengping.events.asking import events_named
from fengping.events.building.candidates import EDITED, brings_charge, publisher
from fengping.home import Home
from fengping.indexer import Filter, Store
from fengping.models import Document
from fengping.reports.facts.counter import NAMING, Counter
from fengping.reports.facts.folding import FIRST
from fengping.reports.facts.model import Case, Quote
from fengping.reports.facts.saying import Saying
from fengping.reports.scope import NEGATIVE, Cut, Scope

MANY = 10_000
"""Publishers that are counted of one event."""
SOURCES = 5
READ = 200
"""Documents of an event among which sources are looked for, the earliest."""


def independent_of(ask: Counter, id: str) -> int:
    """Publishers that wrote the first text of a repost group of a large event; a few may be missing."""
    first: dict[str, tuple[str, ...]] = {**FIRST, "event": (id,)}
    edited = tuple(channel.value for channel in EDITED)
    sites = ask.store.terms(Filter(where={**first, "channel": edited}), "site", limit=MANY)
    accounts = ask.store.terms(Filter(where=first, exclude={"channel": edited}), "author_id", limit=MANY)
    return len(sites) + len(accounts)


def accused_by_half(ask: Counter, side: Sequence[str], cut: Cut) -> tuple[str, ...]:
    """The parties that half of the event's negatives in the window accuse, and enough publishers of these."""
    own = NEGATIVE.also(**cut.where)
    whole = max(ask.store.count(ask.within(own)), 1)
    accusing = [(party, ask.within(own.also(**{field: (party,)}))) for party in side for field, _ in NAMING]
    return tuple(
        dict.fromkeys(
            party
            for party, asked in accusing
            if 2 * ask.store.count(asked) >= whole and ask.told_by(asked, ask.least)
        )
    )


def sources_of(documents: Sequence[Document], said: Saying) -> Iterable[Quote]:
    """The first document of each publisher that is negative and no answer, oldest first."""
    seen: set[tuple[str, str]] = set()
    for document in documents[:READ]:
        who = publisher(document)
        if brings_charge(document) and who not in seen:
            seen.add(who)
            yield said.quote(document, document.raw.title or document.raw.text, 60)
        if len(seen) == SOURCES:
            return


def brands_of(asked: Filter, ask: Counter) -> list[str]:
    """Shops and brands that documents of *asked* name."""
    return [name for name, _ in ask.store.terms(asked, "brands")]


def about_scope(home: Home, store: Store, scope: Scope, named: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The events that *scope* is fixed to, or the groups of single documents, with those they are about; but
    those events that are *named*."""
    events = {one.id: one for one in events_named(home, scope.where.get("event", ()))}
    for group in scope.where.get("group", ()):
        for document in store.search(Filter(where={"group": (group,)}), limit=1).documents:
            if event := event_of(home, document.id):
                events[group] = event
    return {key: event.parties for key, event in events.items() if event.id not in named}


def about_leads(leads: Sequence[Case]) -> dict[str, tuple[str, ...]]:
    """Events of *leads* and of their affairs, and groups of copies, with those they are about."""
    return {key: lead.about for lead in leads for key in lead.masked}
