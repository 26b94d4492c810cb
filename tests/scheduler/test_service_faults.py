"""Threads of the service that come upon a fault of the program: told, and begun again."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, MutableMapping
from datetime import datetime
from typing import Any

import pytest
import structlog

from fengping.clock import now
from fengping.delivery import Counts, Outbox, secrets
from fengping.delivery.secrets import Secrets
from fengping.home import Home
from fengping.scheduler import service, watchman
from fengping.scheduler.troubles import CHECKS, Look, Trouble
from fengping.state import State


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


def test_a_check_that_breaks_keeps_neither_the_others_nor_the_heartbeat_from_being_made(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    environ: MutableMapping[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    word = "geheim-0815"
    environ["BEAT"] = f"http://127.0.0.1:9/{word}"
    home.config_file.write_text('[schedule]\nheartbeat = "$BEAT"\n', encoding="utf-8")
    one = Home.open(home.root)
    pinged: list[list[str]] = []
    monkeypatch.setattr(watchman, "ping", lambda _, grave: pinged.append(grave))

    def breaks(look: Look) -> Iterator[Trouble]:
        held = Secrets(look.home.root).read("$BEAT")
        raise ValueError(f"netloc {held!r}")
        yield

    CHECKS.insert(0, breaks)
    service.log_plainly()
    try:
        seen = watchman.round(one, State.open(one), now())
    finally:
        structlog.reset_defaults()
        CHECKS.remove(breaks)
    logged = capsys.readouterr().out
    assert seen[0] == Trouble("check breaks", "A fault of the program: ValueError.") and len(pinged) == 1
    assert "sources" in {trouble.key for trouble in seen}
    assert "ValueError: netloc" in logged and word not in logged and "locals" not in logged


@pytest.mark.parametrize(
    ("url", "hidden", "shown"),
    [
        ("https://hook.example.cn/in/messages", "", "messages"),
        ("https://hook.example.cn/T0AB12CD34EF/fengping", "T0AB12CD34EF", "fengping"),
        (
            "https://me:geheimnis@h.example.cn/schedule?key=hunterhunter",
            "geheimnis hunterhunter",
            "schedule",
        ),
    ],
)
def test_a_secret_address_takes_no_ordinary_word_out_of_the_log(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    environ: MutableMapping[str, str],
    url: str,
    hidden: str,
    shown: str,
) -> None:
    environ["HOOK"] = url
    monkeypatch.setattr(secrets, "_known", set())
    held = Secrets(home.root)
    held.read("$HOOK")
    logged = secrets.masked(f"job ended: {shown} {hidden} {url}")
    assert f"job ended: {shown} " in logged and url not in logged
    assert not any(word in logged for word in hidden.split())
    assert shown not in held.mask(f"no such place: /{shown}"), "what a receiver repeats of it"


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
