"""Events for the command line, the console, reports and alarms, by a home alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from fengping import events
from fengping.errors import ConfigError, HomeBusy, StoreError, UsageError
from fengping.events import Asked, Dossier, Event, Move, Status, asking, by_hand
from fengping.events.answers import parties as naming
from fengping.events.answers.status import ANSWERED, Step, of_parties
from fengping.events.asking import Order
from fengping.events.building.candidates import Member
from fengping.events.building.opening import event_lock, is_unbuilt, is_whole, leave, reads_all
from fengping.events.building.update import ROUND, Updated
from fengping.events.by_hand import Decision, Kind
from fengping.events.knowing import kin_of
from fengping.home import Home
from fengping.indexer import Filter, Store, open_store
from fengping.indexer.search.query.values import class_names
from fengping.services import tagging
from fengping.services.hosts import load_registry
from fengping.services.search import one_of
from fengping.state import State

ACTS = (
    "confirm", "title", "accused", "matter", "status", "closed", "step", "move", "split", "merge", "link",
    "undo",
)  # fmt: skip
WATCHED = "关注"
"""The tag of events that somebody watches."""


@dataclass(frozen=True)
class Handled:
    """Outcome of merging or splitting by hand."""

    event: Event
    """The event that was made; while it waits, the one that is to change, as it stands."""
    waiting: bool = False
    """An update is at work; what was written down is taken in by it or by the next one."""
    elsewhere: bool = False
    """The machine that indexes keeps the events, and takes it in at its next update."""


@dataclass(frozen=True)
class Word:
    """What a person says of an event; nothing of what is ``None``."""

    title: str | None = None
    accused: Sequence[str] | None = None
    matter: Sequence[str] | None = None
    """Complaint classes."""
    status: str | None = None
    closed: str | None = None
    """The reason for which it is over; empty opens it again."""
    confirmed: bool = False
    """All else of these stands right as it is."""


Kept = Callable[[], None]
"""Called once a decision is written down."""


def _nothing() -> None:
    pass


def update(home: Home, *, anew: bool = False) -> Updated:
    """Takes in what was indexed since the last update; *anew* after a reindex."""
    with closing(open_store(home)) as store:
        updated = events.update(home, store, anew=anew)
        tagging.spread(home, store)
        return updated


def is_due_elsewhere(home: Home) -> bool:
    """True if the machine that indexes is to bring the events up to date: this one would build all anew."""
    state = State.open(home)
    with state.begin() as connection:
        return state.is_shared and is_unbuilt(home, connection)


def leave_large(home: Home, store: Store, now: datetime) -> bool:
    """Leaves events that are all to be built anew, of a large store that machines share, to an update of
    their own, lest indexing and alarms wait for it; False where there is nothing of the kind.

    Raises :class:`HomeBusy` beside an update that is not building them.
    """
    state = State.open(home)
    if not state.is_shared or store.count(Filter()) <= ROUND:
        return False
    try:
        with event_lock(home) as tenure, tenure.state(state).begin() as connection:
            if not reads_all(home, connection):
                return False
            # Another machine's book may hold all there is.
            if not is_whole(connection):
                leave(connection, now)
            return True
    except HomeBusy:
        with state.begin() as connection:
            if not is_unbuilt(home, connection):
                raise
            leave(connection, now)
        return True


def listed(
    home: Home, asked: Asked, *, sort: str = Order.GRAVITY, limit: int, offset: int = 0
) -> list[Event]:
    """Events in the order of *sort*, one of :class:`.asking.Order`."""
    order = Order(one_of(sort, list(Order), "--sort"))
    return events.events_of(home, _by_registry(home, asked), sort=order, limit=limit, offset=offset)


def with_members(home: Home, asked: Asked) -> Iterator[tuple[Event, list[Member]]]:
    """All events of *asked*, each with its members in time order."""
    return asking.with_members(home, _by_registry(home, asked))


def count(home: Home, asked: Asked) -> int:
    """Number of all events that are listed."""
    return asking.count_of(home, _by_registry(home, asked))


def _by_registry(home: Home, asked: Asked) -> Asked:
    """*asked* with the name that the registry gives a party that it knows by another."""
    if asked.party:
        with suppress(ConfigError):
            return replace(asked, party=load_registry(home).find(asked.party).name)
    return asked


def show(home: Home, id: str, *, until: datetime | None = None) -> Dossier:
    """An event with everything known of it, as of *until* where given."""
    with closing(open_store(home)) as store:
        return events.event(home, store, id, until=until)


def of_one_affair(home: Home, id: str) -> list[Event]:
    """The other events of the affair of one, in time; none while the store is down."""
    with suppress(StoreError), closing(open_store(home)) as store:
        return kin_of(home, *asking.documents_read(home, store, id))
    return []


def merge(
    home: Home,
    ids: Sequence[str],
    now: datetime,
    *,
    by: str = "",
    kept: Kept = _nothing,
    linked: bool = False,
) -> Handled:
    """Makes one event of several for good, or where they are only *linked* one affair: at once, or when the
    update has ended that is at work.

    *kept* is called once that is written down, whatever comes after.
    """
    first = by_hand.founder(home, ids[0]) if ids else ""
    by_hand.merge(home, ids, now, by, Kind.LINK if linked else Kind.JOIN)
    kept()
    return _after(home, first)


def split(
    home: Home, id: str, documents: Sequence[str], now: datetime, *, by: str = "", kept: Kept = _nothing
) -> Handled:
    """Takes documents out of an event into one of their own, as :func:`merge` makes one of several."""
    by_hand.split(home, id, documents, now, by)
    kept()
    return _after(home, documents[0])


def move(
    home: Home, id: str, documents: Sequence[str], now: datetime, *, by: str = "", kept: Kept = _nothing
) -> Handled:
    """Takes documents into an event."""
    first = by_hand.founder(home, id)
    by_hand.move(home, id, documents, now, by)
    kept()
    return _after(home, first)


def say(home: Home, id: str, word: Word, now: datetime, *, by: str = "", kept: Kept = _nothing) -> Handled:
    """Gives an event the values of *word*.

    Raises :class:`UsageError` for an unknown status or class, and where nothing is said.
    """
    event = asking.find(home, id)
    if unknown := [code for code in word.matter or () if code not in class_names()]:
        known = "、".join(class_names())
        raise UsageError(f"There is no complaint class {unknown[0]}.", remedy=f"There are {known}.")
    given = {
        Kind.TITLE: word.title, Kind.ACCUSED: None if word.accused is None else "|".join(word.accused),
        Kind.MATTER: None if word.matter is None else "|".join(word.matter), Kind.STATUS: word.status,
        Kind.CLOSED: word.closed,
    }  # fmt: skip
    stands = {
        Kind.TITLE: event.title, Kind.ACCUSED: "|".join(event.accused), Kind.MATTER: "|".join(event.matter),
        Kind.STATUS: event.status.value,
    }  # fmt: skip
    values = (stands if word.confirmed else {}) | {k: v for k, v in given.items() if v is not None}
    if not values:
        raise UsageError("Nothing is said of the event.", remedy="Give a title, accused, matter or status.")
    by_hand.say(home, event.id, values, now, by)
    kept()
    return _after(home, by_hand.founder(home, event.id))


def step(
    home: Home, id: str, document: str, status: str, now: datetime, *, by: str = "", sentence: str = "",
    kept: Kept = _nothing,
) -> Handled:  # fmt: skip
    """Says which step of an event a document tells, or 无 for none."""
    by_hand.step(home, id, document, status, now, by, sentence)
    kept()
    return _after(home, by_hand.founder(home, id))


def undo(home: Home, number: int, now: datetime, *, by: str = "", kept: Kept = _nothing) -> Handled:
    """Takes a decision back."""
    decided = by_hand.undo(home, number, now, by)
    kept()
    return _after(home, decided.anchor or decided.document)


def decided(
    home: Home, id: str, act: str, value: str, document: str, by: str, now: datetime, kept: Kept = _nothing
) -> Handled:
    """One decision by its name out of :data:`ACTS`, as pages and the API hand it in; names and codes stand
    apart by 、 or commas, a status may go by its English name.

    Raises :class:`UsageError` for another name.
    """
    if act in ("status", "step"):
        value = {one.name.lower(): one.value for one in Status}.get(value, value).replace(
            "none", by_hand.NONE
        )
    names = tuple(filter(None, re.split(r"[、，,|\s]+", value)))
    words = {
        "title": Word(title=value), "status": Word(status=value), "closed": Word(closed=value),
        "accused": Word(accused=names), "matter": Word(matter=names), "confirm": Word(confirmed=True),
    }  # fmt: skip
    if word := words.get(act):
        return say(home, id, word, now, by=by, kept=kept)
    if act == "step":
        return step(home, id, document, value, now, by=by, kept=kept)
    if act == "undo" and value.isdigit():
        return undo(home, int(value), now, by=by, kept=kept)
    if act in ("move", "split"):
        return (move if act == "move" else split)(home, id, [document], now, by=by, kept=kept)
    if act in ("merge", "link"):
        return merge(home, [id, value], now, by=by, kept=kept, linked=act == "link")
    raise UsageError(f"There is no decision {act!r} on an event.", remedy=f"There are {', '.join(ACTS)}.")


def decisions(home: Home, id: str = "") -> list[Decision]:
    """Everything that persons decided on an event, or on all; the latest first."""
    return by_hand.decisions(home, id)


def documents_of(home: Home, id: str) -> list[str]:
    """Ids of an event's documents in time order."""
    return asking.documents_of(home, id)


def find(home: Home, id: str) -> Event:
    """The event of that id, of its beginning, or of one that it took over."""
    return asking.find(home, id)


def watch(home: Home, id: str, *, on: bool, by: str, now: datetime, store: Store | None = None) -> None:
    """Puts an event on the list of watched ones, or takes it off; later documents are marked too."""
    change: dict[str, Sequence[str]] = {"add": [WATCHED]} if on else {"remove": [WATCHED]}
    tagging.tag(home, [id], by=by, now=now, store=store, **change)  # type: ignore[arg-type]


def watched(home: Home) -> list[Event]:
    """Events that are watched, the latest to be put there first; what was forgotten is left out."""
    found: dict[str, Event] = {}
    for id in tagging.events_with(home, WATCHED):
        with suppress(UsageError):
            event = asking.find(home, id)
            found.setdefault(event.id, event)
    return list(found.values())


def answers(home: Home, listed: Sequence[Event], party: str) -> dict[str, Step]:
    """Ids of those of the *listed* events that *party* answered, each with its latest answer."""
    names = naming.names_of([party], naming.known_names(home))
    return {
        event.id: step
        for event in listed
        for step in of_parties(event.steps, names)
        if step.status in ANSWERED
    }


def moves(home: Home, since: datetime | None, until: datetime | None) -> list[Move]:
    """Moves of authorities (rules, orders, penalties) in a window, in time order."""
    with closing(open_store(home)) as store:
        return events.moves_of(store, Filter(since=since, until=until))


def _after(home: Home, document: str) -> Handled:
    waiting, elsewhere = False, is_due_elsewhere(home)
    if not elsewhere:
        try:
            update(home)
        except HomeBusy:
            waiting = True
    found = events.event_of(home, document)
    assert found is not None
    return Handled(found, waiting, elsewhere)
