"""One decision function: the live loop, an oracle and the replay agree, however documents arrive."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerts.making import START, rule_of
from tests.making import LONG, document

from fengping.alerts import Firing, Moment, Ticks
from fengping.alerts.affairs import matches_of_rule, step
from fengping.alerts.check import check
from fengping.alerts.decide import Cause, Past, Standing
from fengping.alerts.manners import Manners
from fengping.alerts.match import Documents, read_matches
from fengping.alerts.replay import of_rules, reference_of, replay
from fengping.alerts.rules import Rule, kinds
from fengping.alerts.rules.spike import PRESETS
from fengping.delivery import Outbox
from fengping.home import Home
from fengping.indexer import Filter
from fengping.indexer.search import MemoryStore
from fengping.models import Act, Document, Polarity

TICKS = Ticks(timedelta(hours=1))
DAYS = 6
HOSTS = ("檀木子", "阮小满")
RULES = (
    rule_of(name="three", num_events=3, timeframe="6h", realert="12h"),
    rule_of(name="first", kind="spike", timeframe="24h", reference="7d", min_history="1d"),
    rule_of(name="new", kind="new_term", timeframe="2h", realert="24h"),
    rule_of(name="brief", num_events=1, timeframe="1h", realert="2h", recover_after=0),
)
OTHERS = (
    rule_of(name="every", kind="any", timeframe="2h"),
    rule_of(name="share", kind="percentage_match", max_percentage=60, min_denominator=3, timeframe="12h",
            realert="6h"),
    rule_of(name="rarely", kind="percentage_match", min_percentage=80, min_denominator=3, timeframe="24h",
            realert="6h", key_by="platform", min_publishers=2),
    rule_of(name="silent", kind="flatline", timeframe="12h", reference="2d", max_age="47h", realert="6h"),
    rule_of(name="event", kind="watch", timeframe="12h", realert="12h", quiet="2d"),
    rule_of(name="brand", key_by="brand", num_events=2, timeframe="24h"),
    rule_of(name="class", key_by="class", num_events=2, timeframe="6h", realert="6h"),
    rule_of(name="platform", kind="spike", key_by="platform", timeframe="6h", reference="3d"),
    rule_of(name="all", key_by="none", hosts=HOSTS, num_events=4, timeframe="24h", realert="48h"),
    rule_of(name="read", kind="spike", min_engagement=20, timeframe="12h", reference="3d", min_publishers=2),
)  # fmt: skip
"""With :data:`RULES` every kind, and the keys that are read otherwise."""
some_rules = st.permutations((*RULES, *OTHERS)).map(lambda rules: tuple(rules[:4]))

Arrival = tuple[int, int, int]
"""Minutes after the start, minutes until it came, number of the host."""

arrivals = st.lists(
    st.tuples(st.integers(0, 4 * 1440), st.sampled_from([0, 0, 0, 40, 200, 1500, 2800]), st.integers(0, 1)),
    max_size=24,
)


def made(coming: Sequence[Arrival]) -> list[tuple[datetime, Document]]:
    """Documents with the time at which each came."""
    found = []
    for number, (minute, lag, host) in enumerate(coming):
        at, key = START + timedelta(minutes=minute), HOSTS[host]
        come = at + timedelta(minutes=lag)
        brands = (("云朵甄选", "山野小铺")[number % 2],)
        one = document(
            number, at, hosts=(key,), negative_hosts=(key,), issues=(f"C0{number % 3}",),
            source=f"s{number % 3}",
            platforms=(("抖音", "快手")[host],), brands=brands, negative_brands=brands,
            polarity=Polarity.NEU if number % 4 == 3 else Polarity.NEG,
            act=Act.PENALTY if number % 7 == 6 else Act.COMPLAINT, regulators=("某市监局",),
        ).changed({"likes": 30 * (number % 3 > 0)})  # fmt: skip
        # Two by two in a repost group, three by three in an event; the first of a time has none.
        event = f"e{number // 3}" if number > 1 else ""
        found.append((come, replace(one, indexed_at=come, group=f"g{number // 2}", event=event)))
    return found


def ticks() -> list[datetime]:
    return [START + n * TICKS.step for n in range(DAYS * 24)]


@contextmanager
def a_home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "fengping.toml").write_text("", encoding="utf-8")
        yield Home.open(Path(folder))


def live(home: Home, rules: Sequence[Rule], coming: Sequence[Arrival], disturbed: bool) -> list[Firing]:
    """The loop as it runs: each tick opens the state anew; *disturbed* ones see documents twice and late."""
    store, found = MemoryStore(), []
    documents = made(coming)
    for number, tick in enumerate(ticks()):
        new = [one for come, one in documents if tick - TICKS.step < come <= tick]
        if disturbed:
            new = [*new[::-1], *new]
        store.put(new)
        if disturbed and number % 7 == 3:
            store = rebuilt(store)
        outbox = Outbox.open(home)
        for _ in range(2 if disturbed and number % 5 == 0 else 1):
            found += check(rules, store, outbox, Moment(tick, tick), Manners()).firings
    return sorted(found, key=lambda firing: (firing.fired_at, firing.rule, firing.key))


def rebuilt(store: MemoryStore) -> MemoryStore:
    """A reindex: what was indexed before gets the time it was fetched."""
    fresh = MemoryStore()
    fresh.put([replace(one, indexed_at=one.raw.published_at or START) for one in store.scan(Filter())])
    return fresh


def oracle(rules: Sequence[Rule], coming: Sequence[Arrival]) -> list[Firing]:
    """Every key decided at every tick, over all that had come by then."""
    whole = MemoryStore()
    whole.put([one for _, one in made(coming)])
    found = []
    for rule in rules:
        reference = reference_of(rule, whole, START - timedelta(days=1), START + timedelta(days=DAYS))
        matches = matches_of_rule(rule, whole, START - timedelta(days=1), START + timedelta(days=DAYS))
        for key, of_key in matches.items():
            standing, past = Standing(), []
            for tick in ticks():
                there = [m for m in of_key if m.arrived <= tick and m.at >= tick - rule.horizon]
                after = step(rule, key, standing, Past(past), there, reference, tick)
                standing = after.standing
                past += [after.firing] if after.firing else []
            found += past
    return sorted(found, key=lambda firing: (firing.fired_at, firing.rule, firing.key))


def told(firings: Sequence[Firing]) -> list[tuple[object, ...]]:
    return [(f.rule, f.key, f.fired_at, f.count, f.evidence, f.cause, f.hour_need) for f in firings]


def test_every_kind_is_compared() -> None:
    assert {type(rule) for rule in (*RULES, *OTHERS)} == set(kinds().values())


@settings(max_examples=20 if LONG else 1)
@given(arrivals, some_rules, st.booleans())
def test_the_live_loop_is_the_oracle_however_documents_arrive(
    coming: list[Arrival], rules: tuple[Rule, ...], disturbed: bool
) -> None:
    with a_home() as home:
        assert told(live(home, rules, coming, disturbed)) == told(oracle(rules, coming))


@settings(max_examples=90 if LONG else 10)
@given(arrivals, some_rules)
def test_the_replay_is_the_oracle(coming: list[Arrival], rules: tuple[Rule, ...]) -> None:
    whole = MemoryStore()
    whole.put([one for _, one in made(coming)])
    found = replay(rules, whole, START, START + timedelta(days=DAYS), TICKS)
    assert told(list(found)) == told(oracle(rules, coming))


def test_a_share_is_replayed_where_documents_leave_its_window() -> None:
    share = rule_of(
        name="share", kind="percentage_match", max_percentage=50, min_denominator=3, timeframe="4h"
    )
    store = MemoryStore()
    store.put([
        document(n, START + timedelta(hours=2 * (n % 2)), hosts=HOSTS[:1], negative_hosts=HOSTS[:1],
                 polarity=(Polarity.NEU, Polarity.NEG)[n % 2])
        for n in range(6)
    ])  # fmt: skip
    found = replay([share], store, START, START + timedelta(days=1), TICKS)
    assert [one.fired_at for one in found] == [START + timedelta(hours=4)]


@pytest.mark.long
def test_each_rule_of_them_fires(home: Home) -> None:
    coming = [
        (1000 * burst + 5 * n, 0, (burst + n // 9) % 2) for burst in range(5) for n in range(4 + 4 * burst)
    ]
    alarms = live(home, (*RULES, *OTHERS), coming, disturbed=False)
    assert {alarm.rule for alarm in alarms} == {rule.name for rule in (*RULES, *OTHERS)}
    assert {Cause.GRAVER, Cause.DOUBLED} <= {alarm.cause for alarm in alarms}


@settings(max_examples=40 if LONG else 8)
@given(arrivals)
def test_rules_that_read_alike_are_replayed_together_as_each_alone(coming: list[Arrival]) -> None:
    whole = MemoryStore()
    whole.put([one for _, one in made(coming)])
    first = RULES[1]
    rules = [*RULES, *(first.model_copy(update=dict(values)) for values in PRESETS.values())]
    assert all(first.reads_like(rule) for rule in rules[len(RULES) :]) and not first.reads_like(RULES[2])
    stop = START + timedelta(days=DAYS)
    together = of_rules(rules, whole, START, stop, TICKS)
    assert [told(found) for found in together] == [
        told(list(replay([rule], whole, START, stop, TICKS))) for rule in rules
    ]


@given(arrivals, st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3000)), max_size=12))
def test_documents_are_the_same_in_whichever_order_times_are_asked(
    coming: list[Arrival], asked: list[tuple[int, int]]
) -> None:
    whole = MemoryStore()
    whole.put([one for _, one in made(coming)])
    documents = Documents(RULES[0], whole, HOSTS[0])
    for minute, length in asked:
        since = START + timedelta(minutes=minute)
        until = since + timedelta(minutes=length)
        alone = read_matches(RULES[0], whole, since, until, [HOSTS[0]]) if length else {}
        assert documents.between(since, until) == alone.get(HOSTS[0], [])


def test_ticks_begin_at_midnight_in_china() -> None:
    tick = Ticks(timedelta(minutes=7))
    midnight = START - timedelta(hours=8)
    assert Ticks(timedelta(minutes=30)).at_or_after(midnight + timedelta(minutes=1)) == midnight + timedelta(
        minutes=30
    )
    assert tick.at_or_after(tick.at_or_after(START)) == tick.at_or_after(START) >= START


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(days=3), timedelta(hours=5)])
def test_a_check_with_the_clock_ahead_silences_nothing(home: Home, ahead: timedelta) -> None:
    coming = [(60 * hour, 0, 0) for hour in (1, 2, 3)]
    store, outbox = MemoryStore(), Outbox.open(home)
    store.put([one for _, one in made(coming)[:1]])
    wrong = START + timedelta(hours=1) + ahead
    check(RULES[:1], store, outbox, Moment(wrong, wrong), Manners())
    store.put([one for _, one in made(coming)])
    now = START + timedelta(hours=3)
    done = check(RULES[:1], store, outbox, Moment(now, now), Manners())
    assert [firing.count for firing in done.firings] == [3]
    again = check(RULES[:1], store, outbox, Moment(wrong, wrong), Manners())
    assert again.firings == []
    back = check(RULES[:1], store, outbox, Moment(now, now), Manners())
    assert back.firings == [], "what was shown is not shown again when the clock is right once more"
