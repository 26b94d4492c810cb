"""Events of one affair: linked by a person, or one matter with several accused, or told apart in wording.

An event is one charge against one party. Where a text charges several (host, brand, shop) each has an event;
what begins with a test of one product goes on in other words. Whoever signs a report has to know all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fengping.events.answers import parties as naming
from fengping.events.answers.matter import of_one_matter
from fengping.events.answers.status import joined, standing
from fengping.events.asking import Asked, Event, events_named, events_of
from fengping.events.building.candidates import accused_in, brings_charge
from fengping.events.by_hand import linked, split_off
from fengping.home import Home
from fengping.models import Document

AROUND = timedelta(days=60)
"""Time before and after an event in which others of its affair are looked for: the span of one event."""
_COMPARED = 300
"""Events of one name that are compared, those most told first."""
_READ = 8
"""Documents of an event whose texts are compared."""


class Affairs:
    """The events among which others of an affair are looked for: read once for several events."""

    def __init__(self, home: Home, since: datetime, until: datetime) -> None:
        """*since*, *until*: the period in which the events that are asked about lie."""
        self._home = home
        self._known = naming.known_names(home)
        self._asked = Asked(since=since - AROUND, until=until + AROUND)
        self._by_name: dict[str, list[Event]] = {}
        self._apart = split_off(home)

    def kin(self, event: Event, documents: Sequence[Document]) -> list[Event]:
        """Other events of the affair of *event*, of which *documents* are read; in the order of their
        beginnings.

        They lie within :data:`AROUND`. Either they are of common classes, and a text of this one charges the
        accused of both; or both accuse one party most, and this one is on the matter that the title of the
        other tells. What was split by hand has none but those that persons linked.
        """
        found = events_named(self._home, linked(self._home, event.id))
        if event.first_at and event.last_at and event.accused and event.id not in self._apart:
            charged = set[str]().union(*map(accused_in, documents))
            names = naming.names_of([*event.parties, *charged], self._known)
            texts = [one.raw.content for one in documents[:_READ] if brings_charge(one)]
            told = "\n".join([event.title, *texts])
            others = {one.id: one for name in (*event.accused, *charged) for one in self._of(name)}
            found += [
                other
                for other in others.values()
                if other.id not in {event.id, *self._apart, *(one.id for one in found)}
                and other.first_at and other.last_at and other.accused
                and max(other.first_at - event.last_at, event.first_at - other.last_at) <= AROUND
                and (
                    of_one_matter(other.title, other.matter, told, event.matter, names)
                    if other.accused[0] == event.accused[0]
                    else not set(event.matter).isdisjoint(other.matter)
                    and any({event.accused[0], other.accused[0]} <= accused_in(one) for one in documents)
                )
            ]  # fmt: skip
        return sorted(found, key=lambda one: (one.first_at is None, one.first_at, one.id))

    def _of(self, name: str) -> list[Event]:
        """The events that speak of one called *name*."""
        if name not in self._by_name:
            asked = replace(self._asked, party=name)
            self._by_name[name] = events_of(self._home, asked, limit=_COMPARED)
        return self._by_name[name]


def kin_of(home: Home, event: Event, documents: Sequence[Document]) -> list[Event]:
    """The same for one event alone."""
    if event.first_at is None or event.last_at is None:
        return events_named(home, linked(home, event.id))
    return Affairs(home, event.first_at, event.last_at).kin(event, documents)


def of_affair(event: Event, kin: Sequence[Event]) -> Event:
    """*event* with the beginning, and with the history of the status, of all of its affair."""
    begun = [one.first_at for one in (event, *kin) if one.first_at]
    steps = joined([*event.steps, *(step for one in kin for step in one.steps)])
    status = standing(steps) if steps else event.status
    return replace(event, first_at=min(begun, default=None), steps=steps, status=status)
