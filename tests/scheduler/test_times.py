"""Times of jobs: even steps, hours of the day, clocks of the week, cron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.clock import local
from fengping.errors import ConfigError
from fengping.scheduler.times import Clock, Every

MOMENTS = st.integers(0, 5_000_000).map(
    lambda minute: datetime(2020, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
)


def written(times: Every | Clock, moment: datetime) -> str:
    return local(times.after(moment)).strftime("%m-%d %H:%M")


@given(MOMENTS, st.integers(1, 3000))
def test_steps_are_even_and_later(moment: datetime, minutes: int) -> None:
    first = Every(minutes).after(moment)
    assert moment < first <= moment + timedelta(minutes=minutes)
    assert Every(minutes).after(first) - first == timedelta(minutes=minutes)


@given(MOMENTS, st.integers(1, 3000), st.sampled_from(["07:00-24:00", "22:30-06:00", "08:00-08:00"]))
def test_rounds_begin_within_their_hours_only(moment: datetime, minutes: int, hours: str) -> None:
    due = Every(minutes, hours).after(moment)
    assert moment < due <= moment + timedelta(days=2, minutes=minutes)
    clock, (begin, end) = local(due).strftime("%H:%M"), hours.split("-")
    assert begin == end or (begin <= clock < end if begin < end else clock >= begin or clock < end)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("mon 08:00", "11-16 08:00"),
        ("08:30", "11-12 08:30"),
        ("mon-fri 18:00", "11-11 18:00"),
        ("0 8 1 * *", "12-01 08:00"),
        ("30 7 * * mon", "11-16 07:30"),
    ],
)
def test_a_time_is_on_chinese_clocks(text: str, due: str) -> None:
    assert written(Clock(text, "x"), datetime(2020, 11, 11, 2, tzinfo=UTC)) == due


def test_the_moment_itself_is_past() -> None:
    monday = datetime(2020, 11, 16, 0, tzinfo=UTC)
    assert written(Clock("mon 08:00", "x"), monday) == "11-23 08:00"


@pytest.mark.parametrize(
    "text", ["monday", "mon 25:00", "xyz 08:00", "mon 8h", "", "0 8 * * 1", "0 8 30 2 *", "1 2 3"]
)
def test_a_text_that_is_no_time_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^schedule\.digest: .*(is not a time|never comes)\. Write"):
        Clock(text, "schedule.digest").check()
