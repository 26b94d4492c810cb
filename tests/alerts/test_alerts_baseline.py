"""Baselines: on quiet streams, on busy ones, by hour and weekday, after gaps and scandals."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from tests.alerts.making import rule_of
from tests.making import document

from fengping.alerts import Firing
from fengping.alerts.baseline import HOUR, UNKNOWN, Counts, Need, Reference, hour_of
from fengping.alerts.decide import Cause
from fengping.alerts.replay import replay
from fengping.alerts.rules import Rule
from fengping.indexer import Bucket, open_store_url
from fengping.models import Document, Polarity

START = datetime(2020, 10, 31, 16, tzinfo=UTC)  # 1 November, Chinese time, a Sunday
RULE = rule_of(kind="spike")
Stream = dict[str, list[datetime]]


def buckets(streams: Stream) -> list[Bucket]:
    counts = Counter(
        (at.replace(minute=0, second=0, microsecond=0), key) for key, times in streams.items() for at in times
    )
    return [Bucket(start, count, key) for (start, key), count in sorted(counts.items())]


def collected(days: float) -> list[Bucket]:
    return [Bucket(START + n * HOUR, 9) for n in range(int(days * 24))]


def reference(streams: Stream, days: float, rule: Rule = RULE) -> Reference:
    return Reference(Counts(buckets(streams), collected(days)), rule.terms)


def alarms(streams: Stream, days: int, rule: Rule = RULE) -> list[Firing]:
    """A replay over stored documents, with a neutral one each hour."""
    made: list[Document] = [document(n, START + n * HOUR, polarity=Polarity.NEU) for n in range(days * 24)]
    for key, times in streams.items():
        made += [
            document(len(made) + n, at, hosts=(key,), negative_hosts=(key,)) for n, at in enumerate(times)
        ]
    store = open_store_url("memory:")
    store.put(made)
    return list(replay([rule], store, START, START + timedelta(days=days)))


def busy(per_day: int, days: int, seed: int = 1) -> list[datetime]:
    """A customers' stream: three quarters of it between 18 and 24 o'clock."""
    chance = random.Random(seed)
    hours = [1.0] * 18 + [9.0] * 6
    return sorted(
        START + timedelta(days=day, hours=hour, minutes=chance.randrange(60))
        for day in range(days)
        for hour in chance.choices(range(24), hours, k=round(per_day * chance.uniform(0.6, 1.4)))
    )


def test_on_a_quiet_stream_the_first_negative_fires() -> None:
    [firing] = alarms({"檀木子": [START + timedelta(days=20.5)]}, 30)
    assert (firing.key, firing.fired_at, firing.count) == ("檀木子", START + timedelta(days=20.5), 1)


def test_a_busy_host_does_not_fire_for_what_is_usual() -> None:
    found = alarms({"檀木子": busy(60, 40)}, 40)
    # Only while nothing is known of the stream.
    assert all(firing.fired_at < START + timedelta(days=7) for firing in found)


def test_a_storm_over_a_busy_host_fires_within_the_hour() -> None:
    begin = START + timedelta(days=30, hours=12)
    storm = [begin + timedelta(seconds=60 * n) for n in range(400)]
    found = alarms({"檀木子": sorted(busy(60, 36) + storm)}, 36)
    late = [firing for firing in found if firing.fired_at > START + timedelta(days=10)]
    assert late[0].cause is Cause.FIRST
    assert begin < late[0].fired_at <= begin + timedelta(hours=1)


def test_hosts_with_some_complaints_a_day_raise_no_alarms_by_chance() -> None:
    chance = random.Random(3)
    hosts = {
        f"主播{n}": sorted(START + timedelta(minutes=chance.randrange(30 * 1440)) for _ in range(210))
        for n in range(20)
    }
    late = [f for f in alarms(hosts, 30) if f.fired_at > START + timedelta(days=12)]
    assert len(late) / 18 * 7 <= 5, "alarms_per_week of the preset"


def test_where_many_hosts_get_a_complaint_now_and_then_one_complaint_is_no_news() -> None:
    chance = random.Random(7)
    hosts = {
        f"主播{n}": sorted(START + timedelta(minutes=chance.randrange(60 * 1440)) for _ in range(12))
        for n in range(60)
    }
    late = [f for f in alarms(hosts, 60) if f.fired_at > START + timedelta(days=30)]
    alone = [f for f in alarms({"檀木子": hosts["主播0"]}, 60) if f.fired_at > START + timedelta(days=30)]
    assert len(late) / 30 * 7 <= 10
    assert len(alone) >= 3


@pytest.mark.parametrize("days", [0, 1, 3, 3.9])
def test_a_stream_without_history_needs_several(days: float) -> None:
    found = reference({}, days).need("檀木子", START + timedelta(days=days))
    assert (found.timeframe, found.hour) == (UNKNOWN, UNKNOWN)
    assert reference({}, 10).need("檀木子", START + timedelta(days=10)) == Need(1, 1, 0.0)


def test_before_the_history_is_long_enough_the_little_that_is_known_counts() -> None:
    streams = {"檀木子": busy(40, 10)}
    known = reference(streams, 10).need("檀木子", START + timedelta(days=4.5))
    assert known.timeframe >= 60
    none = reference(streams, 10).need("檀木子", START + timedelta(days=1))
    assert none == Need(UNKNOWN, UNKNOWN)


def test_an_affair_ends_where_it_has_become_usual() -> None:
    found = alarms({"檀木子": busy(40, 20)}, 20)
    assert found
    assert all(firing.fired_at < START + timedelta(days=4) for firing in found)


def usual(streams: Stream, at: datetime, **values: Any) -> float | None:
    rule = rule_of(kind="spike", timeframe="1h", **values)
    return reference(streams, 60, rule).need("檀木子", at).usual


def test_the_usual_is_that_of_the_same_hour_and_weekday() -> None:
    sundays = [START + timedelta(days=7 * week, hours=20, minutes=n) for week in range(8) for n in range(30)]
    sunday = START + timedelta(days=49, hours=20, minutes=30)
    assert usual({"檀木子": sundays}, sunday, reference="5w") == 30
    assert usual({"檀木子": sundays}, sunday + timedelta(days=1), reference="5w") == 0
    assert usual({"檀木子": sundays}, sunday + timedelta(hours=2), reference="5w") == 0


def test_one_scandal_does_not_make_the_next_one_usual() -> None:
    quiet = busy(20, 40)
    scandal = [START + timedelta(days=20, minutes=n) for n in range(1000)]
    at = START + timedelta(days=33, hours=12)
    before = reference({"檀木子": quiet}, 40).need("檀木子", at)
    after = reference({"檀木子": sorted(quiet + scandal)}, 40).need("檀木子", at)
    assert after.timeframe <= 1.5 * before.timeframe


def test_days_without_collecting_are_no_calm() -> None:
    streams = {"檀木子": busy(100, 20)}
    after = START + timedelta(days=26, hours=5)
    with_gap, with_silence = reference(streams, 20), reference(streams, 26)
    gap, silence = (one.need("檀木子", after).usual for one in (with_gap, with_silence))
    assert gap is not None
    assert silence is not None
    assert gap == pytest.approx(100, rel=0.2)
    assert silence <= gap


def test_needs_of_many_hours_at_once_are_those_of_each() -> None:

    streams = {"檀木子": busy(50, 40), "阮小满": busy(3, 40, seed=2)}
    together, single = reference(streams, 40), reference(streams, 40)
    hours = np.arange(hour_of(START), hour_of(START) + 40 * 24, 7)
    for key in streams:
        wide, narrow = together.least(key, hours)
        for place, hour in enumerate(hours.tolist()):
            need = single.need(key, datetime.fromtimestamp(hour * 3600, UTC))
            assert (need.timeframe, need.hour) == (wide[place], narrow[place])
