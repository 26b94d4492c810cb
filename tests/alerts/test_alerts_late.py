"""Documents too late for an alarm: told once, and none told that came in time or only came again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.alerts.making import rule_of
from tests.alerts.test_alerts_states import Desk, at
from tests.making import document, put

from fengping.alerts.matches import ALL
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store_url
from fengping.indexer.pipeline.run import index, reindex

EVERY = rule_of(name="each", kind="any", negative=False, min_relevance=0, key_by="none", channels=["file"])


@pytest.fixture
def desk(home: Home) -> Desk:
    return Desk(home)


def come(desk: Desk, *numbers: int) -> None:
    """Old posts come into the journal."""
    with open_journal(desk.home).writer() as writer:
        writer.append(*(document(number, at(-100 - number), "直播间卖的假货").raw for number in numbers))


def test_a_store_that_is_filled_again_brings_nothing_late(desk: Desk) -> None:
    desk.rules = (EVERY,)
    desk.check(0)
    come(desk, 1, 2, 3)
    index(desk.home, desk.store, indexed_at=at(0.5))
    assert [one.late for one in desk.check(1).late] == [3], "they came for the first time"
    desk.store = open_store_url("memory:")
    index(desk.home, desk.store, indexed_at=at(2), stopping=lambda: True)
    assert desk.check(2.1).late == []
    index(desk.home, desk.store, indexed_at=at(2.5))
    assert desk.store.count(Filter()) == 3
    assert desk.check(3).late == []
    come(desk, 4)
    index(desk.home, desk.store, indexed_at=at(4))
    assert [one.late for one in desk.check(5).late] == [1]
    assert desk.check(6).late == []


def test_a_lost_store_that_is_built_anew_brings_nothing_late(desk: Desk) -> None:
    desk.rules = (EVERY,)
    desk.check(0)
    come(desk, 1, 2, 3)
    index(desk.home, desk.store, indexed_at=at(0.5))
    assert [one.late for one in desk.check(1).late] == [3]
    desk.store = open_store_url("memory:")
    assert desk.check(2).late == []
    reindex(desk.home, desk.store, indexed_at=at(2.5))
    assert desk.store.count(Filter()) == 3
    assert desk.check(3).late == []


def test_a_store_that_is_filled_again_ends_no_affair_and_is_no_silence(desk: Desk) -> None:
    rest = {"negative": False, "min_relevance": 0, "timeframe": "24h", "channels": ["file"]}
    each = rule_of(name="each", kind="any", key_by="none", realert="72h", **rest)
    flat = rule_of(name="flat", kind="flatline", reference="5d", **rest)
    desk.rules = (each, flat)
    days = [document(50 + n, at(-24 * n), "直播间卖的假货").raw for n in range(8)]
    with open_journal(desk.home).writer() as writer:
        writer.append(*days)
    index(desk.home, desk.store, indexed_at=at(0))
    assert [firing.rule for firing in desk.check(0).firings] == ["each"]
    with open_journal(desk.home).writer() as writer:
        writer.append(document(60, at(25), "直播间卖的假货").raw)
    index(desk.home, desk.store, indexed_at=at(25))
    assert desk.check(25).firings == []
    whole, desk.store = desk.store, open_store_url("memory:")
    done = desk.check(29)
    assert (done.firings, done.resolved, done.unresolved) == ([], [], [("each", ALL)])
    index(desk.home, desk.store, indexed_at=at(30), stopping=lambda: True)
    desk.store.put([one for one in whole.scan(Filter()) if one.raw.published_at < at(-20)])
    done = desk.check(30)
    assert (done.firings, done.resolved, done.unresolved) == ([], [], [("each", ALL)])
    desk.store = open_store_url("memory:")
    index(desk.home, desk.store, indexed_at=at(30.5))
    done = desk.check(31)
    assert (done.resolved, done.unresolved) == ([], [])
    assert desk.check(80).resolved == [("each", ALL)]


def test_what_an_alarm_tells_again_of_another_key_hides_nothing_that_came_late(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", timeframe="24h", channels=["file"]),)
    desk.check(-1)
    desk.post(0, indexed_at=at(0))
    assert len(desk.check(0).firings) == 1
    desk.check(59)
    both = ("檀木子", "阮小满")
    told = document(0, at(0), "两家的投诉", hosts=both, negative_hosts=both, indexed_at=at(59.5))
    put(desk.home, desk.store, [told])
    desk.post(1, host="何白露", indexed_at=at(59.5))
    desk.post(59.8, host="阮小满", indexed_at=at(59.9))
    done = desk.check(60)
    assert [firing.passed for firing in done.firings] == [(told.id,)]
    assert [one.late for one in done.late] == [1]


def test_a_first_run_that_put_nothing_hides_no_late_arrival(desk: Desk) -> None:
    desk.rules = (EVERY,)
    desk.check(0)
    come(desk, 1, 2, 3)
    index(desk.home, desk.store, indexed_at=at(0.5), stopping=lambda: True)
    index(desk.home, desk.store, indexed_at=at(0.6))
    assert [one.late for one in desk.check(1).late] == [3]


def test_what_an_alarm_told_is_never_late_though_its_text_changed(desk: Desk) -> None:
    desk.rules = (rule_of(name="each", kind="any", channels=["file"]),)
    desk.check(-1)
    desk.post(0, 2, indexed_at=at(0))
    assert len(desk.check(0).firings) == 1
    desk.check(24 * 5)
    told = [*desk.store.scan(Filter())]
    put(desk.home, desk.store, [replace(one, indexed_at=at(24 * 5 + 1)) for one in told])
    assert desk.check(24 * 5 + 2).late == []
    put(desk.home, desk.store, [replace(one, indexed_at=at(24 * 5 + 3)) for one in told])
    desk.post(-1, 3, indexed_at=at(24 * 5 + 1.9))  # of a run that had begun before the last check
    [late] = desk.check(24 * 5 + 4).late
    assert (late.late, len(late.would)) == (3, 1)
