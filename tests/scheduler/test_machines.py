"""Troubles of single machines of a deployment: the one that runs the schedule tells them."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from tests.scheduler.test_roles import first, joined, url

from fengping.home import Home
from fengping.indexer.journal import Spool
from fengping.models import RawDocument
from fengping.scheduler import machines, taking, watchman
from fengping.scheduler.checks import LOCAL
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.troubles import Look, Trouble
from fengping.state import State

__all__ = ["first", "url"]

NOW = datetime.now(UTC)


def box_2() -> AbstractContextManager[object]:
    """Inside, this process is that machine."""
    return mock.patch.object(platform, "node", lambda: "box-2")


def told(home: Home, now: datetime = NOW) -> list[str]:
    """Sentences of the machine that runs the schedule on another one."""
    found = watchman.found(Look(home, State.open(home), now))
    return [one.sentence for one in found if one.sentence.startswith("On box-2: ")]


@pytest.mark.long
def test_a_spool_that_waits_on_a_collector_is_told_by_the_one_that_leads(first: Home, url: str) -> None:
    second = joined(first, url)
    waiting = second.spool / "a.jsonl"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_text("{}\n", encoding="utf-8")
    with box_2():
        taking.Taking(second).round()
    said = f"On box-2: Documents wait in {second.spool} for the journal's broker."
    later = datetime.now(UTC)
    assert told(first, later) == [said]
    assert in_chinese(said) == f"box-2 上：有信息在 {second.spool} 里等消息队列恢复。"
    for wrong in (timedelta(hours=-1), timedelta(hours=1)):  # a machine whose clock is wrong
        with box_2():
            machines.note(second, later + wrong)
        machines.note(first, later)
        assert told(first, later) == [said]
    gone = machines.written.update().values(at=later - machines.LIVES)
    with State.open(first).begin() as connection:
        connection.execute(gone)
    assert told(first, later) == [], "a machine that is gone"
    waiting.unlink()
    with box_2():
        machines.note(second, later)
    assert told(first, later) == []


@pytest.mark.long
def test_a_fault_of_a_machines_own_checks_stands_in_its_log(
    first: Home, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(look: Look) -> Iterator[Trouble]:
        raise ValueError("an unforeseen size")
        yield

    monkeypatch.setattr(machines, "LOCAL", (breaks,))
    machines.note(joined(first, url), NOW)
    assert "an unforeseen size" in capsys.readouterr().out


def test_a_spool_is_looked_at_without_a_question_to_the_broker(home: Home) -> None:
    home.config_file.write_text('journal = "kafka://127.0.0.1:9/posts"\n', encoding="utf-8")
    one = Home.open(home.root)
    look, begun = Look(one, State.open(one), NOW), time.monotonic()
    document = RawDocument("1" * 32, "sample", "青禾直播间发货太慢" * 1_000, NOW)
    Spool(one.spool).set_aside_large([document], "writer")
    [large] = watchman.found(look, LOCAL)
    assert large.key == "spool large" and "bytes wait in" in large.sentence
    assert "主题不收这么大的" in in_chinese(large.sentence)
    with Spool(one.spool).writer("writer") as writer:
        writer.append(document)
    assert [each.key for each in watchman.found(look, LOCAL)] == ["spool large", "spool"]
    assert time.monotonic() - begun < 5


def test_a_home_of_one_machine_writes_nothing(home: Home) -> None:
    machines.note(home, NOW)
    with State.open(home).begin() as connection:
        assert not connection.execute(machines.written.select()).all()
