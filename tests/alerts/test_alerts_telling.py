"""Telling: who speaks for whom, digests that name all, affairs that are over, numbers with documents."""

from __future__ import annotations

import pytest
from tests.alerts.making import rule_of
from tests.alerts.test_alerts_states import RULE, Desk, at

from fengping.alerts import ledger
from fengping.alerts.decide import Status
from fengping.delivery import Outbox
from fengping.home import Home


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home)


def test_a_late_acknowledgement_keeps_no_new_affair_quiet(desk: Desk) -> None:
    desk.post(0, 3)
    desk.check(0)
    assert desk.check(20).resolved
    desk.post(30, 3)
    desk.check(30)
    with Outbox.open(desk.home).state.begin() as connection:
        assert not ledger.acknowledge(connection, 1, "值班员", at(31))
        assert ledger.find(connection, 1).acknowledged_by == "值班员"
    assert desk.status() is Status.FIRING
    with Outbox.open(desk.home).state.begin() as connection:
        assert ledger.acknowledge(connection, 2, "值班员", at(32))
    assert desk.status() is Status.ACKNOWLEDGED


def test_what_a_silence_held_of_an_affair_that_is_over_is_not_told_with_the_next(desk: Desk) -> None:
    desk.silence(-1, 10, key="檀木子")
    desk.post(0, 3)
    desk.check(0)
    assert desk.check(8).resolved
    desk.post(30, 3)
    for hour in (30, 31):
        desk.check(hour)
    assert desk.told() == ["【预警】檀木子：4小时内负面信息3条"]


def test_what_was_inhibited_in_an_affair_that_is_over_is_not_told_with_the_next(desk: Desk) -> None:
    loud = rule_of(name="loud", num_events=3, timeframe="1h", channels=["file"], inhibits=["three"])
    desk.rules = (loud, RULE)
    desk.post(0, 3)
    desk.check(0)
    assert len(desk.check(20).resolved) == 2
    for hour in (30, 32, 33.5):
        desk.post(hour)
    for hour in (33.5, 34):
        desk.check(hour)
    assert desk.told()[2:] == ["【预警】檀木子：4小时内负面信息3条"]
