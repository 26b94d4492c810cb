"""Answers that come in later than their charge: read as if both had come at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.events.test_building import START, grown, post
from tests.making import put
from tests.meanwhile import noted

from fengping import events
from fengping.events import Status
from fengping.events.building import writing
from fengping.events.building.naming import number_of
from fengping.home import Home
from fengping.indexer import arrivals, open_store_url
from fengping.models import Document, Polarity
from fengping.state import State

LATE = 16 * 24
"""Hours after which nothing links an answer to its charge but who gives it."""
ACCUSED = {"hosts": ("林小禾",), "negative_hosts": ("林小禾",)}


@pytest.mark.parametrize("name", ["林小禾", "禾姐严选", "云湖文化"])
@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_under_another_name_of_the_accused(name: str, at_once: bool, home: Home) -> None:
    host = 'name = "林小禾"\naliases = ["禾姐严选"]\nagencies = [{ name = "云湖文化" }]\n'
    home.hosts.write_text(f"version = 1\n\n[[host]]\n{host}", encoding="utf-8")
    charge = post(1, "林小禾直播间卖的蚕丝被送检，网友称被芯是化纤", 0, **ACCUSED)
    answer = post(2, f"{name}回应蚕丝被化纤争议", LATE, polarity=Polarity.NEU)
    later = replace(answer, indexed_at=answer.indexed_at + timedelta(days=1))
    grown(home, [[charge, answer]] if at_once else [[charge], [later]])
    event = events.event_of(home, charge.id)
    assert event is not None
    assert [step.status for step in event.steps] == [Status.ANSWERED]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_of_whom_the_title_of_the_charge_names(at_once: bool, home: Home) -> None:
    charge = post(1, "云岭被服直播间的蚕丝被送检，网友称被芯是化纤", 0)
    answer = post(2, "云岭被服回应蚕丝被化纤争议", LATE, polarity=Polarity.NEU)
    later = replace(answer, indexed_at=START + timedelta(days=20))
    grown(home, [[charge, answer]] if at_once else [[charge], [later]])
    event = events.event_of(home, charge.id)
    assert event is not None
    assert [step.status for step in event.steps] == [Status.ANSWERED]


def of_many_words() -> tuple[Document, Document]:
    """A charge, and the same with an answer beyond what of a text is compared to find its event."""
    buyers = "".join(f"第{number}位买家也这样说。" for number in range(1, 90))
    text = f"林小禾直播间卖的蚕丝被送检，被芯是化纤，网友等着看通报。{buyers}"
    charge = post(1, text, 0, **ACCUSED)
    return charge, replace(charge, raw=replace(charge.raw, text=f"{text}林小禾回应称，愿意退一赔三。"))


def test_what_is_put_to_the_end_of_a_long_text_is_read(home: Home) -> None:
    charge, answered = of_many_words()
    store = grown(home, [[charge], [replace(answered, indexed_at=START + timedelta(days=20))]])
    event = events.event_of(home, charge.id)
    assert event is not None
    assert event.status is not Status.UNPROVEN
    put(home, store, [replace(charge, indexed_at=START + timedelta(days=21))])
    events.update(home, store)
    event = events.event_of(home, charge.id)
    assert event is not None
    assert event.status is Status.UNPROVEN


def test_it_is_read_also_by_the_first_run_after_a_clock_went_back(home: Home) -> None:
    store, now = open_store_url("memory:"), START + timedelta(days=20)
    for one, at in zip(of_many_words(), (now, now - timedelta(hours=1)), strict=True):
        with State.open(home).begin() as connection:
            arrivals.note(connection, at)
        store.put([replace(one, indexed_at=at)])
        with State.open(home).begin() as connection:
            arrivals.over(connection, empty=False)
        events.update(home, store)
    (event,) = events.events_of(home)
    assert event.status is not Status.UNPROVEN


def test_it_is_read_also_where_an_update_went_on_beside_the_run_that_puts_it(home: Home) -> None:
    store, now = open_store_url("memory:"), START + timedelta(days=20)
    with State.open(home).begin() as connection:
        arrivals.note(connection, now)
    for one in of_many_words():
        store.put([replace(one, indexed_at=now)])
        events.update(home, store)
    (event,) = events.events_of(home)
    assert event.status is not Status.UNPROVEN


@pytest.mark.parametrize("days", [(0, 800), (400, 800), (0, 400)])
def test_events_whose_title_names_who_spoke_at_another_time_are_not_read(
    days: tuple[int, int], home: Home
) -> None:
    """Documents came in together of which one is years older than the other."""
    charge = post(1, "云岭被服直播间的蚕丝被送检，网友称被芯是化纤", 400 * 24)
    said = [
        post(number, f"{name}回应预售洗衣机补差价争议", 24 * day + LATE, polarity=Polarity.NEU)
        for number, name, day in zip((2, 3), ("青禾小铺", "云岭被服"), days, strict=True)
    ]
    # Of the latest time are others: what bears that is asked for again.
    store = grown(home, [[charge], [post(4, "燕窝检出唾液酸不足千分之一，实为糖水饮料", 400 * 24)]])
    put(home, store, [replace(one, indexed_at=START + timedelta(days=900)) for one in said])
    event = events.event_of(home, charge.id)
    assert event is not None
    with noted(writing.Writing, "write") as written:
        events.update(home, store)
    read = {number for _, numbers in written for number in numbers.tolist()}
    assert (number_of(event.id) in read) == (days[1] == 400)
