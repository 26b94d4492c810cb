"""Answers that come in later than their charge: read as if both had come at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.events.test_building import START, grown, post

from fengping import events
from fengping.events import Status
from fengping.home import Home
from fengping.models import Polarity

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


def test_what_is_put_to_the_end_of_a_long_text_is_read(home: Home) -> None:
    """Beyond what of a text is compared to find its event."""
    buyers = "".join(f"第{number}位买家也这样说。" for number in range(1, 90))
    text = f"林小禾直播间卖的蚕丝被送检，被芯是化纤，网友等着看通报。{buyers}"
    charge = post(1, text, 0, **ACCUSED)
    answered = replace(charge, raw=replace(charge.raw, text=f"{text}林小禾回应称，愿意退一赔三。"))
    store = grown(home, [[charge], [replace(answered, indexed_at=START + timedelta(days=20))]])
    event = events.event_of(home, charge.id)
    assert event is not None
    assert event.status is not Status.UNPROVEN
    store.put([replace(charge, indexed_at=START + timedelta(days=21))])
    events.update(home, store)
    event = events.event_of(home, charge.id)
    assert event is not None
    assert event.status is Status.UNPROVEN
