"""Threads of the service that come upon a fault of the program: told, and begun again."""

from __future__ import annotations

import os
import signal
import threading
from datetime import datetime
from typing import Any

import pytest

from fengping.clock import now
from fengping.delivery import Counts, Outbox
from fengping.home import Home
from fengping.scheduler import service


def subjects(home: Home) -> list[str]:
    return [letter.subject for letter in Outbox.open(home).waiting() if letter.channel == "file"]


@pytest.mark.parametrize("thread", ["delivery", "watchman"])
def test_a_thread_that_fails_is_told_and_begins_again(
    home: Home, thread: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[datetime] = []

    def fails(home: Home, *arguments: Any, **_: Any) -> Counts:
        rounds.append(now())
        if len(rounds) == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        raise KeyError("an unforeseen key")

    monkeypatch.setattr(service, "DELIVER", 0.2)
    monkeypatch.setattr(service, "WATCH", 0.2)
    monkeypatch.setattr(service, "deliver_due", fails if thread == "delivery" else lambda *_, **__: Counts())
    monkeypatch.setattr(service.watchman, "round", fails if thread == "watchman" else lambda *_: [])
    stuck = threading.Timer(60, os.kill, (os.getpid(), signal.SIGTERM))
    stuck.start()
    service.serve(home)
    stuck.cancel()
    assert len(rounds) >= 2
    assert [s for s in subjects(home) if "程序错误" in s] == [f"风评 {thread} 出了程序错误，会重新开始"]
    assert "an unforeseen key" in capsys.readouterr().out


def test_a_delivery_says_in_the_log_what_was_not_taken(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[datetime] = []

    def refused(*_: Any, **__: Any) -> Counts:
        rounds.append(now())
        if len(rounds) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return Counts(failed=1, waiting=4, sentences=["duty refused: 310000."])

    monkeypatch.setattr(service, "DELIVER", 0.2)
    monkeypatch.setattr(service, "deliver_due", refused)
    monkeypatch.setattr(service.watchman, "round", lambda *_: [])
    stuck = threading.Timer(60, os.kill, (os.getpid(), signal.SIGTERM))
    stuck.start()
    service.serve(home)
    stuck.cancel()
    assert capsys.readouterr().out.count("duty refused: 310000.") == 1
