"""Answers that come in later than their charge: read as if both had come at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.events.test_building import START, grown, post
from tests.making import put
from tests.readings import Said, as_read

from fengping import events
from fengping.events import Status
from fengping.home import Home
from fengping.indexer import arrivals, open_store_url
from fengping.models import Channel, Document, Polarity
from fengping.state import State

LATE = 16 * 24
"""Hours after which nothing links an answer to its charge but who gives it."""
ACCUSED: dict[str, Any] = {"hosts": ("林小禾",), "negative_hosts": ("林小禾",)}


@pytest.mark.parametrize("name", ["林小禾", "禾姐严选", "云湖文化"])
@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_under_another_name_of_the_accused(name: str, at_once: bool, home: Home) -> None:
    host = 'name = "林小禾"\naliases = ["禾姐严选"]\nagencies = [{ name = "云湖文化" }]\n'
    home.hosts.write_text(f"version = 1\n\n[[host]]\n{host}", encoding="utf-8")
    charge = post(1, "林小禾直播间卖的蚕丝被送检，网友称被芯是化纤", 0, **ACCUSED)
    calm: dict[str, Any] = {"polarity": Polarity.NEU, "hosts": (name,), "channel": Channel.NEWS}
    answer = as_read(post(2, f"{name}回应蚕丝被化纤争议", LATE, **calm), Said("answer", "explain", name))
    later = replace(answer, indexed_at=answer.indexed_at + timedelta(days=1))
    grown(home, [[charge, answer]] if at_once else [[charge], [later]])
    event = events.event_of(home, charge.id)
    assert event is not None
    assert [step.status for step in event.steps] == [Status.ANSWERED]


def of_many_words() -> tuple[Document, Document]:
    """A charge, and the same with an answer beyond what of a text is compared to find its event."""
    buyers = "".join(f"第{number}位买家也这样说。" for number in range(1, 90))
    text = f"林小禾直播间卖的蚕丝被送检，被芯是化纤，网友等着看通报。{buyers}"
    charge = post(1, text, 0, channel=Channel.NEWS, **ACCUSED)
    answered = replace(charge, raw=replace(charge.raw, text=f"{text}林小禾回应称，愿意退一赔三。"))
    return charge, as_read(answered, Said("answer", "promise", "林小禾", clause="林小禾回应称，愿意退一赔三"))


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
