"""Updates of events beside a store that is filled again, and those that have nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select
from tests.events.test_building import START, STORIES, affair, grown, post
from tests.meanwhile import during, noted
from tests.readings import Said, as_read

from fengping import events
from fengping.events import Asked, Event, Status, by_hand, tables
from fengping.events.answers.verdicts import Reader
from fengping.events.building.forgetting import forget
from fengping.home import Home
from fengping.indexer import arrivals
from fengping.indexer.search import MemoryStore
from fengping.models import Act, Channel, Polarity
from fengping.state import State

OTHER = post(9, STORIES[0].format("", ""), 3, hosts=("檀木子",), negative_hosts=("檀木子",))
ANSWER = as_read(
    post(
        8, "林小禾回应蚕丝被化纤争议", 16 * 24, polarity=Polarity.NEU, hosts=("林小禾",), act=Act.RESPONSE,
        channel=Channel.NEWS,
    ),
    Said("answer", "explain", "林小禾"),
)  # fmt: skip
LATER = START + timedelta(days=20)


def listed(home: Home, party: str = "") -> dict[str, Event]:
    return {event.id: event for event in events.events_of(home, Asked(party=party))}


def begin_refill(home: Home) -> None:
    with State.open(home).begin() as connection:
        arrivals.note_held(connection)
        arrivals.note_emptied(connection)
        arrivals.note(connection, LATER)


def answers_to(home: Home, event: str) -> set[str]:
    of = tables.answers.c.event == event
    with State.open(home).begin() as connection:
        return set(connection.scalars(select(tables.answers.c.document).where(of)))


@pytest.mark.parametrize("accused_first", [False, True])
@pytest.mark.parametrize("noticed", [False, True])
def test_beside_a_store_that_is_filled_again_events_keep_what_was_read_of_them(
    noticed: bool, accused_first: bool, home: Home
) -> None:
    """A merge of two affairs meanwhile, of which each accuses another: nobody answers for the other.

    *noticed*: the indexer has begun, and first puts a charge without its answers.
    """
    more = [] if accused_first else [replace(OTHER, raw=replace(OTHER.raw, id=f"{n:032x}")) for n in range(9)]
    documents = [*affair(), OTHER, *more, ANSWER]
    store = grown(home, [documents])
    was = listed(home)
    found = events.event_of(home, documents[0].id)
    assert found is not None and found.status is not Status.UNPROVEN
    assert answers_to(home, found.id) == {ANSWER.id}
    store.delete([one.id for one in documents])
    if noticed:
        begin_refill(home)
        store.put(documents[1:2])
    other = events.event_of(home, OTHER.id)
    assert other is not None
    by_hand.merge(home, [found.id, other.id], LATER)
    events.update(home, store)
    kept = events.event_of(home, OTHER.id)
    assert kept is not None and listed(home).keys() < was.keys()
    before = was[kept.id]
    assert (kept.id == found.id) is accused_first
    assert (kept.title, kept.status, kept.steps) == (before.title, before.status, before.steps)
    assert kept.documents == found.documents + other.documents
    assert {*kept.parties} == {"林小禾", "檀木子"} and answers_to(home, kept.id) == {ANSWER.id}
    assert all(kept.id in listed(home, party) for party in kept.parties)
    with State.open(home).begin() as connection:
        arrivals.note_emptied(connection)
        arrivals.note(connection, LATER)
        arrivals.over(connection, empty=False)
    store.put(documents)
    events.update(home, store)
    read = events.event_of(home, documents[0].id)
    # Of the one that most charges are against then, who has answered none.
    status = found.status if accused_first else Status.UNPROVEN
    assert read is not None and (read.id, read.status) == (kept.id, status)


def test_what_is_read_while_a_refill_comes_to_its_end_is_kept_and_read_by_the_next_update(
    home: Home,
) -> None:
    documents = [replace(one, indexed_at=LATER) for one in affair()]
    store = grown(home, [affair()])
    before = events.event_of(home, documents[0].id)
    assert before is not None and before.status is Status.APOLOGISED
    store.delete([one.id for one in documents])
    begin_refill(home)
    store.put(documents[:2])

    def ends() -> None:
        store.put(documents)
        with State.open(home).begin() as connection:
            arrivals.over(connection, empty=False)

    with during(Reader, "read", ends, after=True):
        assert events.update(home, store).events == 1
    kept = events.event_of(home, documents[0].id)
    assert kept is not None and kept.steps == before.steps
    assert events.update(home, store).events
    assert listed(home)[before.id].steps == before.steps


def test_while_a_home_is_filled_for_the_first_time_what_joins_an_event_is_read(home: Home) -> None:
    documents = [replace(one, indexed_at=LATER) for one in affair()]
    store = MemoryStore("memory:")
    with State.open(home).begin() as connection:
        arrivals.note_emptied(connection)
        arrivals.note(connection, LATER)
    for some, status in ((documents[:2], Status.UNPROVEN), (documents[2:], Status.APOLOGISED)):
        store.put(some)
        events.update(home, store)
        found = events.event_of(home, documents[0].id)
        assert found is not None and found.status is status


@pytest.mark.parametrize("row", [True, False])
def test_an_event_that_takes_another_of_the_same_accused_over_beside_a_refill_stands_as_both(
    row: bool, home: Home
) -> None:
    """*row*: the one that takes it over stands written, and is not but named yet."""
    more = [post(n, OTHER.raw.text, n, hosts=("林小禾",), negative_hosts=("林小禾",)) for n in range(9, 19)]
    documents = affair()
    store = grown(home, [[*documents, *more]])
    found, taking = (events.event_of(home, one.id) for one in (documents[0], more[0]))
    assert found is not None and taking is not None
    assert (found.status, taking.status) == (Status.APOLOGISED, Status.UNPROVEN)
    begin_refill(home)
    store.delete([one.id for one in [*documents[1:], *more]])
    by_hand.merge(home, [found.id, taking.id], LATER)
    if not row:
        with State.open(home).begin() as connection:
            connection.execute(delete(tables.events).where(tables.events.c.id == taking.id))
    events.update(home, store)
    (kept,) = (one for one in listed(home).values() if one.documents > 9)
    assert (kept.id, kept.steps, kept.charges) == (taking.id, found.steps, found.charges + taking.charges)
    assert kept.title == (taking if row else found).title


def test_an_answer_that_an_event_takes_over_beside_a_refill_stands_outside_it_no_more(home: Home) -> None:
    documents = affair()
    store = grown(home, [[*documents, ANSWER]])
    found, own = (events.event_of(home, one.id) for one in (documents[0], ANSWER))
    assert found is not None and own is not None and own.id != found.id
    assert answers_to(home, found.id) == {ANSWER.id}
    begin_refill(home)
    store.delete([one.id for one in [*documents[1:], ANSWER]])
    by_hand.merge(home, [found.id, own.id], LATER)
    events.update(home, store)
    kept = events.event_of(home, ANSWER.id)
    assert kept is not None and (kept.id, kept.steps) == (found.id, found.steps)
    assert not answers_to(home, found.id)


@pytest.fixture
def claims() -> Iterator[list[tuple[MemoryStore]]]:
    """The stores to which the right to write was taken."""
    with noted(MemoryStore, "claim") as made:
        yield made


def test_an_update_with_nothing_to_do_writes_to_no_store(home: Home, claims: list[str]) -> None:
    store = MemoryStore("memory:")
    assert events.update(home, store) == events.update(home, store)
    assert not claims
    documents = [*affair(), OTHER]
    with State.open(home).begin() as connection:
        arrivals.note(connection, LATER)
    store.put(documents)
    with State.open(home).begin() as connection:
        arrivals.over(connection, empty=False)
    events.update(home, store)
    before = listed(home)
    assert (len(claims), len(before) > 1) == (1, True)
    assert events.update(home, store).events == 0
    assert len(claims) == 1
    by_hand.merge(home, list(before)[:2], LATER)
    events.update(home, store)
    assert (len(claims), len(listed(home))) == (2, len(before) - 1)
    store.delete([documents[0].id])
    forget(home, [documents[0].id])
    events.update(home, store)
    assert (len(claims), events.event_of(home, documents[1].id) is None) == (3, False)
    events.update(home, store)
    assert len(claims) == 3
