"""The decision on plain values: windows, cool-down, worsening, recovery, clocks that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.making import START, match, matches, nothing, rule_of

from fengping.alerts import Firing
from fengping.alerts.baseline import Counts, Reference
from fengping.alerts.decide import ACTIVE, Cause, Past, Standing, Status, decide
from fengping.alerts.match import Match
from fengping.alerts.rules import Rule
from fengping.indexer import Bucket

RULE = rule_of(num_events=3, timeframe="4h", realert="12h")


def loop(
    rule: Rule, coming: Sequence[Match], hours: Sequence[float], standing: Standing | None = None
) -> tuple[list[Firing], Standing]:
    """Decisions at these hours after the start; what arrived by then is there."""
    standing, past = standing or Standing(), []
    for hour in hours:
        now = START + timedelta(hours=hour)
        there = sorted(m for m in coming if m.arrived <= now and m.at > now - rule.horizon)
        step = decide(rule, "k", standing, Past(past), there, nothing(rule), now)
        standing = step.standing
        if step.firing:
            past.append(step.firing)
    return past, standing


def half_hours(until: float) -> list[float]:
    return [n / 2 for n in range(int(until * 2) + 1)]


@pytest.mark.parametrize(
    ("hours", "fired_at"),
    [
        ((), []),
        ((0, 1), []),
        ((0, 1, 2), [2]),
        ((0, 3.9, 3.95), [4]),
        ((0, 3, 4), []),  # the window is half-open: a document of four hours ago is out
        ((0, 1, 2, 14, 15, 16), [2, 16]),
        ((0, 1, 2, 13, 14), [2]),  # what has been shown does not count again
        ((2, 0, 1), [2]),  # the order does not matter
    ],
)
def test_enough_within_the_timeframe_fires(hours: tuple[float, ...], fired_at: list[float]) -> None:
    found, _ = loop(RULE, matches(*hours), half_hours(30))
    assert [firing.fired_at for firing in found] == [START + timedelta(hours=h) for h in fired_at]


def test_evidence_is_the_window_in_time_order() -> None:
    [firing], _ = loop(RULE, matches(0, 5, 7, 6), half_hours(8))
    assert (firing.count, firing.evidence) == (3, ("d1", "d3", "d2"))


def test_documents_that_come_late_are_judged_by_their_own_times() -> None:
    late = [match(h, f"l{h}", arrived=START + timedelta(hours=40)) for h in (0, 1, 2)]
    [firing], _ = loop(RULE, late, half_hours(60))
    assert firing.fired_at == START + timedelta(hours=40)
    older = [match(h, f"l{h}", arrived=START + timedelta(hours=51)) for h in (0, 1, 2)]
    assert loop(RULE, older, half_hours(60))[0] == []


def first_then(*later: Match, rule: Rule = RULE) -> list[Cause]:
    known = {"classes": ("C01",), "event": "e1"}
    first = [match(n / 10, f"f{n}", **known) for n in range(3)]
    return [firing.cause for firing in loop(rule, [*first, *later], half_hours(10))[0]]


@pytest.mark.parametrize(
    ("later", "cause"),
    [
        ([match(2, "a")], None),
        ([match(2, "a"), match(2, "b")], None),
        ([match(2, "a"), match(2, "b"), match(2, "c")], Cause.DOUBLED),
        ([match(2, "a", classes=("C02",))], None),
    ],
)
def test_only_twice_as_many_break_through_the_cooldown(later: list[Match], cause: Cause | None) -> None:
    assert first_then(*later) == [Cause.FIRST, *([cause] if cause else [])]


def test_what_is_over_begins_anew_within_the_cooldown_by_twice_as_many() -> None:
    rule = rule_of(num_events=2, timeframe="2h", realert="24h")
    two = [*(match(n / 10, f"f{n}") for n in range(3)), match(8, "d"), match(8.2, "e")]
    found, standing = loop(rule, two, half_hours(9))
    assert (len(found), standing.status) == (1, Status.RESOLVED)
    found, standing = loop(rule, [*two, match(8.5, "f")], half_hours(9))
    assert [firing.cause for firing in found] == [Cause.FIRST, Cause.FIRST]
    assert (found[1].count, found[1].before, found[1].began_at) == (3, 0, START + timedelta(hours=8))


def test_each_doubling_is_told_once() -> None:
    many = [match(n / 4, f"m{n}") for n in range(24)]
    found, _ = loop(RULE, many, half_hours(6))
    assert [firing.cause for firing in found] == [Cause.FIRST, Cause.DOUBLED, Cause.DOUBLED]
    assert [firing.count for firing in found] == [3, 4, 8]
    assert [firing.before for firing in found] == [0, 3, 7]


def test_reposts_of_what_was_shown_are_no_news_the_next_day() -> None:
    rule = rule_of(num_events=1, timeframe="24h", realert="24h")
    same = [match(0, "a", group="g"), match(20, "b", group="g")]
    assert [f.cause for f in loop(rule, same, half_hours(30))[0]] == [Cause.FIRST]
    other = [match(0, "a", group="g"), match(20, "b", group="h")]
    assert [f.cause for f in loop(rule, other, half_hours(30))[0]] == [Cause.FIRST, Cause.AGAIN]


@pytest.mark.parametrize(
    ("publishers", "fires"),
    [("pp", False), ("pq", True)],  # a list shows its title again; another one repeats it
)
def test_a_text_that_one_publisher_shows_again_counts_once(publishers: str, fires: bool) -> None:
    same = [match(n, f"d{n}", group="g", publisher=name) for n, name in enumerate(publishers)]
    two = rule_of(num_events=2, timeframe="4h", realert="12h")
    found, _ = loop(two, same, half_hours(3))
    assert [firing.count for firing in found] == ([2] if fires else [])
    found, _ = loop(two, [*same, match(1.5, "x", group="other", publisher="p")], half_hours(3))
    assert found[0].count == (2 if fires else 3), "all its documents are shown"
    again = [match(3 + n / 4, f"e{n}", group="h", publisher=name) for n, name in enumerate("rrr")]
    assert first_then(*again) == [Cause.FIRST], "nor do three of these double it"


def test_a_text_shown_again_within_the_hour_is_no_burst() -> None:
    burst = rule_of(kind="spike", timeframe="24h", min_history="1d", repeats=False)
    usual = [match(-6 * n, f"u{n}", group=f"u{n}") for n in range(1, 41)]
    reference = collected(burst, [-6 * n for n in range(1, 41)])
    each = rule_of(kind="spike", timeframe="24h", min_history="1d")
    for rule, groups, fires in ((burst, "ggg", False), (burst, "ghi", True), (each, "ggg", True)):
        fresh = [match(0.1 * n, f"f{n}", group=g, publisher="p") for n, g in enumerate(groups)]
        now = START + timedelta(hours=0.5)
        step = decide(rule, "k", Standing(), Past(), sorted([*usual, *fresh]), reference, now)
        assert bool(step.firing and step.firing.hour_need) is fires


def test_recovery_waits_for_windows_under_the_lower_threshold() -> None:
    _, standing = loop(RULE, matches(0, 1, 2), half_hours(8.5))
    assert standing.status is Status.FIRING, "two documents of the window 1 … 5, and four hours on"
    _, standing = loop(RULE, matches(0, 1, 2), half_hours(9))
    assert standing.status is Status.RESOLVED
    assert standing.since == START + timedelta(hours=9)
    _, standing = loop(RULE, matches(0, 1, 2, 6, 6.5), half_hours(12))
    assert standing.status is Status.FIRING


def test_too_few_publishers_are_pending() -> None:
    rule = rule_of(num_events=2, min_publishers=2, timeframe="4h")
    one = [match(0, "a", publisher="p"), match(1, "b", publisher="p")]
    found, standing = loop(rule, one, half_hours(2))
    assert (found, standing.status) == ([], Status.PENDING)
    found, standing = loop(rule, [*one, match(2, "c", publisher="q")], half_hours(2))
    assert ([f.count for f in found], standing.status) == ([3], Status.FIRING)
    assert loop(rule, one, half_hours(60))[1].status is Status.OK


@pytest.mark.parametrize(
    ("values", "publishers", "status"),
    [
        ({"max_percentage": 50}, "ppq", Status.PENDING),  # of the hits, the first two
        ({"max_percentage": 50}, "pqq", Status.FIRING),
        ({"min_percentage": 70}, "ppp", Status.PENDING),  # of all
        ({"min_percentage": 70}, "ppq", Status.FIRING),
    ],
)
def test_a_share_of_too_few_publishers_is_pending(
    values: dict[str, Any], publishers: str, status: Status
) -> None:
    rule = rule_of(kind="percentage_match", min_publishers=2, min_denominator=3, timeframe="4h", **values)
    coming = [match(n / 2, f"d{n}", publisher=name, hit=n < 2) for n, name in enumerate(publishers)]
    found, standing = loop(rule, coming, half_hours(1.5))
    assert (len(found), standing.status) == (status is Status.FIRING, status)


def test_an_acknowledged_key_is_quiet_until_it_gets_worse() -> None:
    rule = rule_of(num_events=1, timeframe="24h", realert="1h")
    taken = Standing(Status.ACKNOWLEDGED, START, START, START, 4, 4, 1.0, ("C01",))
    assert loop(rule, [match(3, "a")], half_hours(6), taken)[0] == []
    [worse], standing = loop(rule, [match(3 + n / 9, f"d{n}") for n in range(4)], half_hours(6), taken)
    assert (worse.cause, standing.status) == (Cause.DOUBLED, Status.FIRING)


def test_an_alarm_of_the_future_silences_nothing() -> None:
    ahead = Standing(Status.FIRING, START, START + timedelta(days=365), START, 3, 3, 3.0)
    [firing], _ = loop(RULE, matches(0, 1, 2), half_hours(3), ahead)
    assert firing.fired_at == START + timedelta(hours=2)


@given(st.lists(st.integers(0, 200), max_size=60), st.integers(1, 5))
def test_no_document_is_shown_twice_and_nothing_repeats_while_cooling(hours: list[int], least: int) -> None:
    rule = rule_of(num_events=least, timeframe="4h", realert="12h")
    found, _ = loop(rule, matches(*hours), range(202))
    shown = [id for firing in found for id in firing.evidence]
    assert len(shown) == len(set(shown))
    assert all(firing.count == len(firing.evidence) for firing in found)
    plain = [firing for firing in found if firing.cause in (Cause.FIRST, Cause.AGAIN)]
    assert all(firing.count >= least for firing in plain)
    times = [firing.fired_at for firing in found]
    for firing in (firing for firing in plain if firing.cause is Cause.AGAIN):
        before = [time for time in times if time < firing.fired_at]
        assert not before or firing.fired_at - max(before) >= rule.realert


@given(st.lists(st.integers(0, 100), max_size=30), st.lists(st.integers(0, 110), max_size=40))
def test_further_ticks_change_nothing(hours: list[int], further: list[int]) -> None:
    """Ticks at which nothing comes in may be left out, but for those that are due."""
    rule = rule_of(num_events=2, timeframe="4h", realert="12h")
    every = loop(rule, matches(*hours), range(111))
    twice = loop(rule, matches(*hours), sorted([*range(111), *further]))
    assert every == twice


@given(st.lists(st.integers(0, 200), max_size=40))
def test_nothing_fires_below_the_threshold_and_something_does_above(hours: list[int]) -> None:
    times = sorted(set(hours))
    reached = any(sum(t - 4 < other <= t for other in hours) >= 3 for t in times)
    assert bool(loop(RULE, matches(*hours), range(202))[0]) == reached


@pytest.mark.parametrize(
    ("kind", "values", "coming", "fired_at"),
    [
        ("any", {"timeframe": "1h"}, [match(1.2, "a"), match(3.2, "b")], [1.5, 3.5]),
        ("percentage_match", {"max_percentage": 50, "min_denominator": 3, "timeframe": "4h"},
         [match(0, "a"), match(1, "b"), match(2, "c", hit=False)], [2]),
        ("percentage_match", {"max_percentage": 70, "min_denominator": 3, "timeframe": "4h"},
         [match(0, "a"), match(1, "b"), match(2, "c", hit=False)], []),
        ("percentage_match", {"min_percentage": 50, "min_denominator": 3, "timeframe": "4h"},
         [match(0, "a"), match(1, "b", hit=False), match(2, "c", hit=False)], [2]),
        ("new_term", {"timeframe": "1h"}, [match(1, "a")], [1]),
    ],
)  # fmt: skip
def test_other_kinds(kind: str, values: dict[str, Any], coming: list[Match], fired_at: list[float]) -> None:
    found, _ = loop(rule_of(kind=kind, **values), coming, half_hours(5))
    assert [firing.fired_at for firing in found] == [START + timedelta(hours=h) for h in fired_at]


def test_a_share_that_stays_too_large_counts_what_it_has_shown_no_more() -> None:
    rule = rule_of(
        kind="percentage_match", max_percentage=50, min_denominator=3, timeframe="4h", realert="1h"
    )
    coming = [match(0, "a"), match(0.5, "b"), match(1, "c"), match(2.5, "d"), match(3.7, "e", hit=False)]
    found, standing = loop(rule, coming, half_hours(4))
    assert [firing.evidence for firing in found] == [("a", "b", "c"), ("d",)]
    assert [(firing.count, firing.before) for firing in found] == [(3, 0), (1, 3)]
    assert standing.shown == 4


@pytest.mark.parametrize(
    ("values", "further", "resolved"),
    [
        ({}, [], 8.5),  # over the lower threshold until the last negative left, then for a timeframe
        ({"recover_after": 2}, [], 12.5),
        ({"recover_after": 0}, [], 4.5),
        ({"recover_ratio": 1.0}, ["1.5 fair"], 5.5),  # two of four are at the threshold, not over it
        ({}, ["1.5 fair"], 8.5),
        ({}, ["5 bad"], 13),  # over it again before it was over
        ({}, ["5 bad", *(f"{5.5 + n / 8} fair" for n in range(3))], 9.75),  # a quarter from then on
    ],
)
def test_a_share_is_over_once_it_was_under_the_lower_threshold_for_long_enough(
    values: dict[str, Any], further: list[str], resolved: float
) -> None:
    rule = rule_of(kind="percentage_match", max_percentage=50, min_denominator=3, timeframe="4h", **values)
    came = ["0 bad", "0.5 bad", "1 fair", *further]
    coming = [
        match(float(hour), f"d{n}", hit=said == "bad") for n, (hour, said) in enumerate(map(str.split, came))
    ]
    for hours in (resolved - 0.25, resolved):
        ticks = [n / 8 for n in range(round(8 * hours) + 1)]
        [firing], standing = loop(rule, coming, ticks)
        assert firing.fired_at == START + timedelta(hours=1)
        assert standing.status is (Status.RESOLVED if hours == resolved else Status.FIRING)


@pytest.mark.parametrize(("after", "resolved"), [(0, 3), (1, 7)])
def test_a_share_that_was_too_small_is_over_the_same_way(after: int, resolved: float) -> None:
    rule = rule_of(
        kind="percentage_match", min_percentage=50, min_denominator=3, timeframe="4h", recover_after=after
    )
    coming = [match(n, f"d{n}", hit=n in (0, 3)) for n in range(4)]  # 1 of 3, then 2 of 4, then too few fair
    coming += [match(3 + n / 2, f"e{n}") for n in range(1, 5)]
    for hours in (resolved - 0.25, resolved):
        [firing], standing = loop(rule, coming, [n / 8 for n in range(round(8 * hours) + 1)])
        assert firing.fired_at == START + timedelta(hours=2)
        assert standing.status is (Status.RESOLVED if hours == resolved else Status.FIRING)


def collected(rule: Rule, hours: Sequence[float]) -> Reference:
    """A history in which the key had documents at these hours, and something was collected all the time."""
    own = [Bucket((START + timedelta(hours=h)).replace(minute=0), 1, "k") for h in hours]
    every = [Bucket(START + timedelta(hours=h), 1) for h in range(-200, 200)]
    return Reference(Counts(own, every), rule.terms)


@pytest.mark.parametrize(
    ("values", "came", "fired_at", "resolved_at"),
    [
        ({}, (), [-20, 4], None),  # the last one before was at -32; it is told again after the cool-down
        ({}, (-21, -10, 1, 12), [], None),
        ({}, (-5,), [-20, 7], -5),
        ({"threshold": 2}, (-5,), [], None),  # never two within twelve hours: nothing to miss
        # A timeframe after the silence has ended, and not while it ends and begins by turns.
        ({"recover_after": 1}, (-5, 4), [-20], 7),
        ({"recover_after": 1}, (-19, -6, 5), [-20], 6),
        ({"recover_after": 1}, (-5,), [-20, 7], None),
    ],
)
def test_what_usually_comes_and_does_not_is_told_until_it_comes(
    values: dict[str, Any], came: Sequence[float], fired_at: list[float], resolved_at: float | None
) -> None:
    past, resolved = silent(came, 8, **values)
    assert past == fired_at and resolved == ([] if resolved_at is None else [resolved_at])


def test_a_silence_that_somebody_took_care_of_ends_and_the_next_one_is_told() -> None:
    # Without an end the acknowledgement would keep the source quiet for ever.
    came = (-5, 4, 15, 26, 37, 48, 80, 91)
    past, resolved = silent(came, 104, taken_at=-19, recover_after=1)
    assert (past, resolved) == ([-20, 60, 103], [7, 92])


def silent(
    came: Sequence[float], until: int, taken_at: int | None = None, **values: Any
) -> tuple[list[int], list[int]]:
    """Hours of the alarms and recoveries of a source with a document every twelve hours up to -32, and at
    these hours; *taken_at*: when somebody took care."""
    given = {"timeframe": "12h", "reference": "4d", "max_age": "24h", "realert": "24h", "recover_after": 0}
    rule = rule_of(kind="flatline", **given | values)
    usual = range(-200, -31, 12)
    reference = collected(rule, [*usual, *came])
    coming = [match(h, f"d{h}") for h in (*usual, *came)]
    standing, past = Standing(), list[Firing]()
    resolved = list[int]()
    for hour in range(-32, until):
        if hour == taken_at:
            standing = replace(standing, status=Status.ACKNOWLEDGED)
        now = START + timedelta(hours=hour)
        there = [m for m in coming if now - rule.horizon < m.at <= now]
        step = decide(rule, "k", standing, Past(past), there, reference, now)
        if step.standing.status is Status.RESOLVED and standing.status in ACTIVE:
            resolved.append(hour)
        standing = step.standing
        past += [step.firing] if step.firing else []
    assert all((firing.count, firing.need, firing.usual) == (0, 1, 1.0) for firing in past)
    return [round((firing.fired_at - START) / timedelta(hours=1)) for firing in past], resolved


def ends(rule: Rule, usual: Sequence[float], came: Sequence[float], until: int) -> list[tuple[int, str]]:
    """Hours from the start on at which an affair of a key with these documents begins, or is over."""
    reference = collected(rule, [*usual, *came])
    coming = [match(hour, f"d{n}") for n, hour in enumerate(came)]
    standing, past, found = Standing(), list[Firing](), list[tuple[int, str]]()
    for hour in range(until):
        now = START + timedelta(hours=hour)
        there = sorted(m for m in coming if now - rule.horizon < m.at <= now)
        step = decide(rule, "k", standing, Past(past), there, reference, now)
        if step.standing.status is Status.RESOLVED and standing.status in ACTIVE:
            found.append((hour, "over"))
        standing = step.standing
        if step.firing:
            past.append(step.firing)
            found += [(hour, "begun")] * (step.firing.cause is Cause.FIRST)
    return found


def test_an_hour_that_is_always_busy_ends_no_affair_that_goes_on() -> None:
    given = {"timeframe": "6h", "reference": "7d", "realert": "48h", "min_history": "1d", "num_events": 2}
    rule = rule_of(kind="spike", alarms_per_week=99, **given)
    usual = [day * 24 + 12 + n / 9 for day in range(-8, 0) for n in range(8)]
    came = [1 + n for n in range(30)]
    assert ends(rule, usual, came, 60) == [(2, "begun"), (42, "over")]


def test_what_is_new_no_longer_goes_on_until_it_is_calm() -> None:
    rule = rule_of(kind="new_term", timeframe="4h", max_age="6h", num_events=2, realert="4h")
    came = [1 + n for n in range(30)]
    assert ends(rule, [], came, 60) == [(2, "begun"), (38, "over")]


def test_as_many_as_the_last_alarm_are_no_doubling_of_all_that_was_told() -> None:
    rule = rule_of(num_events=3, timeframe="4h", realert="6h", recover_after=9)
    hours = [0] * 5 + [7] * 3 + [9] * 3 + [10] * 5
    coming = [match(at, f"d{n}") for n, at in enumerate(hours)]
    found, _ = loop(rule, coming, (0, 7, 9, 10))
    assert [(one.cause, one.before, one.count) for one in found] == [
        (Cause.FIRST, 0, 5), (Cause.AGAIN, 5, 3), (Cause.AGAIN, 8, 3),
    ]  # fmt: skip
    coming += [match(11, f"e{n}") for n in range(9)]
    [*_, last] = loop(rule, coming, (0, 7, 9, 11))[0]
    assert (last.cause, last.before, last.count) == (Cause.DOUBLED, 11, 14)
