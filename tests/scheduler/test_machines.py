"""Troubles of single machines of a deployment: the one that runs the schedule tells them."""

from __future__ import annotations

import platform
from datetime import UTC, datetime, timedelta

import pytest
from tests.scheduler.test_roles import first, joined, url

from fengping.home import Home
from fengping.scheduler import machines, taking, watchman
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.troubles import Look
from fengping.state import State

__all__ = ["first", "url"]

NOW = datetime.now(UTC)


def told(home: Home, now: datetime = NOW) -> list[str]:
    """Sentences of the machine that runs the schedule on another one."""
    found = watchman.found(Look(home, State.open(home), now))
    return [one.sentence for one in found if one.sentence.startswith("On box-2: ")]


def test_a_spool_that_waits_on_a_collector_is_told_by_the_one_that_leads(
    first: Home, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = joined(first, url)
    waiting = second.spool / "a.jsonl"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_text("{}\n", encoding="utf-8")
    monkeypatch.setattr(platform, "node", lambda: "box-2")
    taking.Taking(second).round()
    monkeypatch.undo()
    said = f"On box-2: Documents wait in {second.spool} for the journal's broker."
    later = datetime.now(UTC)
    assert told(first, later) == [said]
    assert in_chinese(said) == f"box-2 上：有信息在 {second.spool} 里等消息队列恢复。"
    for wrong in (timedelta(hours=-1), timedelta(hours=1)):  # a machine whose clock is wrong
        monkeypatch.setattr(platform, "node", lambda: "box-2")
        machines.note(second, later + wrong)
        monkeypatch.undo()
        machines.note(first, later)
        assert told(first, later) == [said]
    gone = machines.written.update().values(at=later - machines.LIVES)
    with State.open(first).begin() as connection:
        connection.execute(gone)
    assert told(first, later) == [], "a machine that is gone"
    waiting.unlink()
    monkeypatch.setattr(platform, "node", lambda: "box-2")
    machines.note(second, later)
    monkeypatch.undo()
    assert told(first, later) == []


def test_a_home_of_one_machine_writes_nothing(home: Home) -> None:
    machines.note(home, NOW)
    with State.open(home).begin() as connection:
        assert not connection.execute(machines.written.select()).all()
