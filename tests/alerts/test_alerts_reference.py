"""Baselines of a spike rule: on quiet streams, on busy ones, after gaps."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from fengping.alerts.baseline import UNKNOWN, Need, Reference
from fengping.alerts.evaluate import Event, Firing, firings
from fengping.alerts.rules import Rule
from fengping.indexer.search.protocol import Bucket

START = datetime(2020, 10, 31, 16, tzinfo=UTC)  # 1 November, Chinese time
HOUR = timedelta(hours=1)
RULE = Rule(name="r", kind="spike", num_events=1)

Stream = dict[str, list[Event]]


def buckets(streams: Stream) -> list[Bucket]:
    counts = Counter(
        (event.at.replace(minute=0, second=0), key) for key, events in streams.items() for event in events
    )
    return [Bucket(start, count, key) for (start, key), count in sorted(counts.items())]


def collected(days: float, start: datetime = START) -> list[Bucket]:
    return [Bucket(start + n * HOUR, 9) for n in range(int(days * 24))]


def replay(streams: Stream, documents: list[Bucket], rule: Rule = RULE) -> list[Firing]:
    reference = Reference(rule, buckets(streams), documents)
    found = [f for key, events in streams.items() for f in firings(rule, key, events, reference=reference)]
    return sorted(found, key=lambda f: f.fired_at)


def busy(per_day: int, days: int, seed: int = 1) -> list[Event]:
    """A customers' stream: three quarters of it between 18 and 24 o'clock."""
    chance = random.Random(seed)
    hours = [1.0] * 18 + [9.0] * 6
    times = [
        START + timedelta(days=day, hours=hour, minutes=chance.randrange(60))
        for day in range(days)
        for hour in chance.choices(range(24), hours, k=round(per_day * chance.uniform(0.6, 1.4)))
    ]
    return [Event(at, f"{seed}-{n}") for n, at in enumerate(times)]


def at(day: float, *names: str) -> list[Event]:
    return [Event(START + timedelta(days=day, minutes=n), f"{day}-{name}") for n, name in enumerate(names)]


def test_on_a_quiet_stream_the_first_negative_fires() -> None:
    [firing] = replay({"檀木子": at(20.5, "a")}, collected(30))
    assert (firing.key, firing.fired_at, firing.count) == ("檀木子", START + timedelta(days=20.5), 1)


def test_an_affair_that_goes_on_fires_again_a_day_later_and_not_in_between() -> None:
    found = replay({"檀木子": at(20, "a") + at(20.2, "b") + at(24, "c")}, collected(30))
    assert [f.fired_at for f in found] == [START + timedelta(days=20), START + timedelta(days=24)]


def test_a_busy_host_does_not_fire_for_what_is_usual() -> None:
    found = replay({"檀木子": busy(300, 60)}, collected(60))
    # Only while nothing is known of the stream: on its first two days.
    assert all(f.fired_at < START + timedelta(days=2) for f in found)
    assert len(found) <= 2


def test_a_storm_over_a_busy_host_fires_within_the_hour() -> None:
    begin = START + timedelta(days=40, hours=12)
    storm = [Event(begin + timedelta(seconds=18 * n), f"s{n}") for n in range(1000)]
    found = replay({"檀木子": busy(300, 60) + storm}, collected(60))
    late = [f for f in found if f.fired_at > START + timedelta(days=2)]
    assert late
    assert begin < late[0].fired_at <= begin + HOUR
    assert all(f.fired_at < begin + timedelta(days=3) for f in late)


def test_where_many_hosts_get_a_complaint_now_and_then_one_complaint_is_no_news() -> None:
    chance = random.Random(7)
    hosts = {
        f"主播{n}": [
            Event(START + timedelta(minutes=chance.randrange(60 * 1440)), f"{n}-{i}") for i in range(12)
        ]
        for n in range(100)
    }
    late = [f for f in replay(hosts, collected(60)) if f.fired_at > START + timedelta(days=30)]
    alone = replay({"檀木子": hosts["主播0"]}, collected(60))
    assert len(late) / 30 < 1
    assert len(alone) > 5


@pytest.mark.parametrize("days", [0, 1, 1.9])
def test_a_stream_without_history_needs_several(days: float) -> None:
    reference = Reference(RULE, [], collected(days))
    assert reference.need("檀木子", START + timedelta(days=days)) == Need(UNKNOWN, UNKNOWN)


def test_days_without_collecting_are_no_calm() -> None:
    usual = {"檀木子": busy(100, 20)}
    documents = collected(20)
    after = START + timedelta(days=26, hours=5)
    with_gap = Reference(RULE, buckets(usual), documents).need("檀木子", after)
    with_silence = Reference(RULE, buckets(usual), collected(26)).need("檀木子", after)
    assert with_gap.usual == pytest.approx(len(usual["檀木子"]) / 20)
    assert with_gap.timeframe > with_silence.timeframe > 200


def test_num_events_is_the_least() -> None:
    rule = RULE.model_copy(update={"num_events": 4})
    assert replay({"檀木子": at(20, "a", "b", "c")}, collected(30), rule) == []
    assert len(replay({"檀木子": at(20, "a", "b", "c", "d")}, collected(30), rule)) == 1
