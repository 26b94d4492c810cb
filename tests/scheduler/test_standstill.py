"""A schedule that stood still: the next process says from when to when, and what was due."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.scheduler.walking import Walk
from tests.site.homes import list_source

from fengping.delivery import deliver_due
from fengping.home import Home
from fengping.scheduler import standstill
from fengping.scheduler.loop import EVERYTHING
from fengping.scheduler.status import status
from fengping.state import State

FRIDAY = datetime(2020, 11, 13, 4, tzinfo=UTC)
STOPPED = FRIDAY + timedelta(hours=1)


@pytest.fixture
def walked(home: Home) -> Home:
    """A home whose schedule ran for an hour, told to a file."""
    home.sources.mkdir(exist_ok=True)
    (home.sources / "news.toml").write_text(list_source("http://127.0.0.1:9/a", ""), encoding="utf-8")
    (home.root / "delivery.toml").write_text(
        '[channels.night]\nkind = "file"\npath = "night.jsonl"\n', encoding="utf-8"
    )
    home.config_file.write_text('[schedule]\nnotify = ["night"]\n', encoding="utf-8")
    home = Home.open(home.root)
    Walk(home).to(FRIDAY, STOPPED)
    return home


def told(home: Home, at: datetime = FRIDAY) -> list[dict[str, Any]]:
    deliver_due(home, at)
    path = home.var / "delivery" / "night.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def test_a_gap_is_told_once_with_the_rounds_that_were_due(walked: Home) -> None:
    state, back = State.open(walked), STOPPED + timedelta(hours=6)
    standstill.tell(walked, state, back, EVERYTHING)
    [letter] = told(walked, back)
    subject, lines = letter["subject"], letter["lines"]
    assert subject.startswith("风评 时间表停过；其间应有的轮次：") and "collect 13、" in subject
    assert "2020-11-13T12:53" in lines[0] and "2020-11-13T19:00" in lines[0] and "缺失" in lines[1]
    [past] = [one for one in status(walked, back).over if "stood still" in one.sentence]
    assert past.seen_at == back and past.since == STOPPED - timedelta(minutes=7)


def test_a_machine_that_was_suspended_tells_it_as_it_goes_on(walked: Home) -> None:
    walk, back = Walk(walked), STOPPED + timedelta(hours=6)
    walk.to(STOPPED, STOPPED + timedelta(minutes=20))
    assert told(walked) == []
    walk.to(back, back + timedelta(minutes=40))
    [letter] = [one for one in told(walked, back) if "停过" in one["subject"]]
    assert "2020-11-13T19:00" in letter["lines"][0]


@pytest.mark.parametrize("away", [timedelta(minutes=10), timedelta(hours=-1)], ids=["short", "put back"])
def test_a_restart_is_no_gap(walked: Home, away: timedelta) -> None:
    standstill.tell(walked, State.open(walked), STOPPED + away, EVERYTHING)
    assert told(walked) == []


def test_a_home_that_never_ran_has_none(home: Home) -> None:
    standstill.tell(home, State.open(home), FRIDAY, EVERYTHING)
    assert told(home) == []
