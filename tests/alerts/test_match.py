"""Rules that count documents with enough engagement: what is usual is counted as the alarm is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.alerts.making import START, rule_of
from tests.making import document

from fengping.alerts.replay import replay
from fengping.clock import day_of, day_start
from fengping.home import Home
from fengping.indexer import Store, open_store, open_store_url
from fengping.models import Document
from fengping.services.alert_history import explain_rule

DAY = timedelta(days=1)
ENOUGH = {"likes": 400, "comments": 350, "reposts": 250}
TOO_FEW = {"likes": 400, "comments": 350}
"""A part of it is as much as a third of what is asked."""


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, home: Home) -> Iterator[Store]:
    opened = open_store_url("memory:") if request.param == "memory" else open_store(home)
    yield opened
    opened.close()


def charge(number: int, at: datetime, engagement: dict[str, int], **values: Any) -> Document:
    values = {"hosts": ("檀木子",), "negative_hosts": ("檀木子",), "indexed_at": at} | values
    return document(number, at, f"檀木子的投诉{number}", **values).changed(engagement)


def stream(loud: int) -> Sequence[Document]:
    """Four weeks of ten charges a day that nobody reads, then so many that are read."""
    ends = START + timedelta(days=28)
    quiet = [
        charge(100 * day + n, START + timedelta(days=day, hours=n), TOO_FEW if n % 2 else {})
        for day in range(29)
        for n in range(10)
    ]
    return [*quiet, *(charge(9000 + n, ends + timedelta(hours=n), ENOUGH) for n in range(loud))]


@pytest.mark.parametrize("kind", ["spike", "new_term", "frequency"])
def test_what_nobody_reads_is_neither_usual_nor_known(store: Store, kind: str) -> None:
    rule = rule_of(kind=kind, min_engagement=1000, num_events=2)
    store.put(stream(2))
    [firing] = replay([rule], store, START + 7 * DAY, START + 30 * DAY)
    assert (firing.count, firing.fired_at) == (2, START + timedelta(days=28, hours=1))
    assert not list(
        replay([rule_of(kind=kind, min_engagement=1001, num_events=2)], store, START, START + 30 * DAY)
    )


def test_what_is_read_each_day_is_usual(store: Store) -> None:
    read = [charge(n, START + timedelta(hours=12 * n), ENOUGH) for n in range(58)]
    store.put([*read, *stream(0)])
    rule = rule_of(kind="spike", min_engagement=1000)
    assert not list(replay([rule], store, START + 14 * DAY, START + 29 * DAY))


def test_the_history_that_is_drawn_is_what_the_rule_counts(home: Home, store: Store) -> None:
    store.put(stream(3))
    rule = rule_of(kind="frequency", min_engagement=1000, channels=["file"])
    explained = explain_rule(home, rule, START + 29 * DAY, 20, store)
    assert sum(count for _, count in explained.counts) == 3
    assert "互动不少于1000的" in explained.sentence


@pytest.mark.parametrize("kind", ["spike", "frequency", "percentage_match"])
def test_a_trial_of_few_documents_is_of_the_last_weeks_as_the_whole_tells_them(
    home: Home, store: Store, kind: str
) -> None:
    days = 90
    store.put(
        [
            charge(1000 * day + n, START + timedelta(days=day, hours=n), {})
            for day in range(days)
            for n in range(20 if day % 10 == 0 else 1)
        ]
    )
    limits = {"max_percentage": 40} if kind == "percentage_match" else {"num_events": 5}
    rule = rule_of(kind=kind, channels=["file"], **limits)
    now = START + days * DAY
    whole = explain_rule(home, rule, now, days, store)
    assert whole.shortened == 0
    enough = explain_rule(home, rule, now, days, store, most=100_000)
    assert (enough.shortened, enough.firings) == (0, whole.firings)
    few = explain_rule(home, rule, now, days, store, most=80)
    assert few.shortened > 80
    assert few.counted
    assert few.counted.since
    begin = few.counted.since
    weeks = (day_start(day_of(now)) - begin) / (7 * DAY)
    assert weeks in range(1, 12)
    told = [(firing.fired_at, firing.count) for firing in few.firings]
    assert told
    assert told == [(firing.fired_at, firing.count) for firing in whole.firings if firing.fired_at >= begin]
    assert few.counts == whole.counts[-len(few.counts) :]
