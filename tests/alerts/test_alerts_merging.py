"""Events that another takes over while alarms fire for them: one affair, told once and over once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from tests.alerts.making import START, rule_of
from tests.making import document
from tests.meanwhile import noted

from fengping.alerts import Checked, Moment, Ticks, ledger
from fengping.alerts.check import check
from fengping.alerts.decide import Cause, Status
from fengping.alerts.manners import Manners
from fengping.delivery import Outbox, deliver_due
from fengping.events import tables
from fengping.home import Home
from fengping.indexer import Filter
from fengping.indexer.search import MemoryStore

RULE = rule_of(name="new", kind="new_event", timeframe="4h", realert="2h", channels=["file"])


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@dataclass
class Desk:
    """A home with posts that bear events, checked at hours after the start."""

    home: Home
    store: MemoryStore = field(default_factory=MemoryStore)
    made: int = 0

    def post(self, hours: float, event: str, count: int = 2) -> None:
        posts = [
            document(self.made + n, at(hours), f"投诉{self.made + n}", source=f"s{n}", indexed_at=at(hours))
            for n in range(count)
        ]
        self.made += count
        self.store.put([replace(one, event=event) for one in posts])

    def merge(self, old: str, new: str) -> None:
        ids = [id for id, event in self.store.columns(Filter(), ["id", "event"]) if event == old]
        self.store.update({id: {"event": new} for id in ids})
        with self.outbox.state.begin() as connection:
            connection.execute(insert(tables.aliases).values(old=old, new=new))

    def check(self, hours: float) -> Checked:
        moment = Moment(at(hours), at(hours))
        return check([RULE], self.store, self.outbox, moment, Manners(), Ticks())

    @property
    def outbox(self) -> Outbox:
        return Outbox.open(self.home)

    def told_over(self, hours: float) -> str:
        """The one message by which an affair is over."""
        deliver_due(self.home, at(hours))
        file = self.home.var / "delivery" / "messages.jsonl"
        said = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        [over] = [one for one in said if one["subject"].startswith("【解除】")]
        return "\n".join(over["lines"])

    def statuses(self) -> dict[str, Status]:
        with self.outbox.state.begin() as connection:
            return {key: one.status for key, one in ledger.standings(connection, "new").items()}


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home)


def test_an_event_that_another_took_over_alarms_no_second_time(desk: Desk) -> None:
    desk.post(0, "e2")
    assert [firing.key for firing in desk.check(0).firings] == ["e2"]
    desk.merge("e2", "e1")
    done = desk.check(1)
    assert (done.firings, done.resolved, desk.statuses()) == ([], [], {"e1": Status.FIRING})
    assert desk.check(8).resolved == [("new", "e1")]
    over = desk.told_over(8)
    assert "共报2条" in over


def test_what_the_event_grows_by_is_told_as_the_same_affair(desk: Desk) -> None:
    desk.post(0, "e2")
    desk.check(0)
    desk.merge("e2", "e1")
    desk.post(2.5, "e1", 3)
    [firing] = desk.check(2.5).firings
    assert (firing.key, firing.cause, firing.count, firing.before) == ("e1", Cause.AGAIN, 3, 2)


def test_two_events_that_fire_are_one_affair_once_merged_and_over_once(desk: Desk) -> None:
    desk.post(0, "e1")
    desk.post(0, "e2")
    assert len(desk.check(0).firings) == 2
    desk.merge("e2", "e1")
    assert desk.check(1).resolved == [] and desk.statuses() == {"e1": Status.FIRING}
    assert desk.check(8).resolved == [("new", "e1")]
    over = desk.told_over(8)
    assert "共报4条" in over and "编号：1、2" in over


def test_an_event_that_was_over_alarms_no_second_time_by_its_documents(desk: Desk) -> None:
    desk.post(0, "e2")
    desk.check(0)
    assert desk.check(8).resolved == [("new", "e2")]
    desk.merge("e2", "e3")
    desk.merge("e3", "e1")
    assert desk.check(9).firings == []


def test_of_events_taken_over_those_that_fire_alone_are_looked_up(desk: Desk) -> None:
    for number in range(3):
        desk.post(0, f"e{number}")
    desk.check(0)
    assert len(desk.check(8).resolved) == 3
    with noted(ledger, "standings") as reads:
        desk.check(8.5)
    for number in range(3):
        desk.merge(f"e{number}", "e9")
    with noted(ledger, "standings") as again:
        desk.check(9)
    assert len(again) == len(reads)


def test_an_affair_that_was_over_is_no_part_of_the_one_that_goes_on(desk: Desk) -> None:
    desk.post(0, "e2")
    desk.check(0)
    desk.post(1, "e1", 3)
    desk.check(1)
    desk.post(3.5, "e2", 3)
    desk.check(3.5)
    assert desk.check(9).resolved == [("new", "e1")]
    desk.merge("e2", "e1")
    assert desk.check(9.5).resolved == [] and desk.statuses() == {"e1": Status.FIRING}

    def ended() -> list[datetime | None]:
        with desk.outbox.state.begin() as connection:
            return [ledger.ended_at(connection, ledger.find(connection, number)) for number in (1, 2, 3)]

    assert ended() == [None, at(9), None]
    with desk.outbox.state.begin() as connection:
        assert [kept.id for kept in ledger.affair(connection, "new", "e1")] == [3, 1]
        assert ledger.acknowledge(connection, 3, "值班员", at(10))
    assert desk.check(12).resolved == [("new", "e1")]
    assert ended() == [at(12), at(9), at(12)]


def test_what_is_held_is_told_though_the_other_event_was_over_meanwhile(desk: Desk) -> None:
    desk.post(0, "e1")
    desk.check(0)
    desk.post(6, "e2")
    desk.check(6)
    assert desk.check(8).resolved == [("new", "e1")]
    desk.merge("e2", "e1")
    desk.check(8.5)
    with desk.outbox.state.begin() as connection:
        ended = [ledger.ended_at(connection, ledger.find(connection, number)) for number in (1, 2)]
    assert ended == [at(8), None]
