"""Firing of rules: plain values in, firings out."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.alerts.evaluate import Event, Firing, alarm, firings
from fengping.alerts.rules import Rule

START = datetime(2020, 11, 10, tzinfo=UTC)
RULE = Rule(name="r", num_events=3, timeframe="4h", realert="12h")  # type: ignore[arg-type]


def events(*hours: float) -> list[Event]:
    return [Event(START + timedelta(hours=h), f"d{n}") for n, h in enumerate(hours)]


@pytest.mark.parametrize(
    ("hours", "fired_at"),
    [
        ((), []),
        ((0, 1), []),
        ((0, 1, 2), [2]),
        ((0, 3.99, 3.999), [3.999]),
        ((0, 3, 4), []),  # the window is half-open: an event four hours ago is out
        ((0, 1, 2, 3, 4, 5), [2]),  # cooling
        ((0, 1, 2, 14, 15, 16), [2, 16]),
        ((0, 1, 2, 13, 14), [2]),  # what has been shown does not count again
        ((2, 0, 1), [2]),  # the order of arrival does not matter
    ],
)
def test_threshold(hours: tuple[float, ...], fired_at: list[float]) -> None:
    found = firings(RULE, "k", events(*hours))
    assert [f.fired_at for f in found] == [START + timedelta(hours=h) for h in fired_at]


def test_evidence_is_the_window_in_time_order() -> None:
    [firing] = firings(RULE, "k", events(0, 5, 7, 6))
    assert firing == Firing("r", "k", START + timedelta(hours=7), 3, ("d1", "d3", "d2"))


def test_a_live_check_fires_now_with_the_fullest_window_and_once() -> None:
    now = START + timedelta(hours=9)
    first = alarm(RULE, "k", events(0, 1, 2, 3, 7, 8), [], now)
    assert first == Firing("r", "k", now, 4, ("d0", "d1", "d2", "d3"))
    assert alarm(RULE, "k", events(0, 1, 2, 3), [first], now + timedelta(hours=13)) is None


def test_late_documents_are_new_evidence_after_the_cooldown() -> None:
    now = START + timedelta(hours=6)
    first = alarm(RULE, "k", events(0, 1, 2), [], now)
    assert first is not None
    late = [*events(0, 1, 2), *(Event(START + timedelta(hours=h), f"late{h}") for h in (1, 2, 3))]
    assert alarm(RULE, "k", late, [first], now + timedelta(hours=11.9)) is None
    second = alarm(RULE, "k", late, [first], now + timedelta(hours=12))
    assert second is not None
    assert second.evidence == ("late1", "late2", "late3")


@given(st.lists(st.integers(0, 200), max_size=60), st.integers(1, 5))
def test_firings_are_apart_and_never_share_evidence(hours: list[int], threshold: int) -> None:
    rule = RULE.model_copy(update={"num_events": threshold})
    found = firings(rule, "k", events(*hours))
    shown = [id for f in found for id in f.evidence]
    assert len(shown) == len(set(shown))
    assert all(f.count == len(f.evidence) >= threshold for f in found)
    assert all(b.fired_at - a.fired_at >= rule.realert for a, b in itertools.pairwise(found))
    assert found == firings(rule, "k", events(*hours)[::-1])


@given(st.lists(st.integers(0, 200), max_size=40))
def test_nothing_fires_below_the_threshold_and_something_does_above(hours: list[int]) -> None:
    times = sorted(set(hours))
    reached = any(sum(t - 4 < other <= t for other in hours) >= RULE.num_events for t in times)
    assert bool(firings(RULE, "k", events(*hours))) == reached
