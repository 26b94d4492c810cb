"""One suite for every kind of channel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.delivery.benches import MAKERS, SECRET, TOKEN, Bench, bench_of

from fengping.delivery import (
    Attachment,
    Counts,
    Message,
    Outbox,
    Outcome,
    Severity,
    deliver_due,
    retry,
    send_test,
)
from fengping.delivery.senders import senders
from fengping.home import Home

ONE = Message(
    key="alarm 某主播 2026-11-11",
    subject="【预警】某主播：24小时内负面信息12条",
    lines=("通常3条，自 11-11 08:00 起", "类别：质量 8，售后 4"),
    body="- [样例店铺发货不符](https://example.cn/1)\n- 样例主播致歉",
    link="https://desk.example.cn/a/1",
    severity=Severity.CRITICAL,
    attachments=(Attachment("周报.pdf", b"%PDF-1.7 \x00\xff", "application/pdf"),),
)


@pytest.fixture(params=sorted(MAKERS))
def bench(request: pytest.FixtureRequest, home: Home) -> Iterator[Bench]:
    with bench_of(request.param, home) as made:
        yield made


def deliver(bench: Bench, now: datetime) -> Counts:
    return deliver_due(bench.home, now, screen=bench.screen)


def test_every_kind_stands_in_this_suite() -> None:
    assert set(MAKERS) == set(senders())


def test_an_accepted_message_is_received_once_and_logged_so(bench: Bench) -> None:
    now = datetime.now(UTC)
    outbox = Outbox.open(bench.home)
    assert outbox.enqueue(ONE, ["it"], now) == 1
    assert outbox.enqueue(ONE, ["it"], now) == 0
    counts = deliver(bench, now)
    assert (counts.accepted, counts.failed, counts.waiting, counts.sentences) == (1, 0, 0, [])
    assert deliver(bench, now + timedelta(days=1)).accepted == 0
    (text,) = bench.received()
    assert ONE.title in text and "样例主播致歉" in text
    (attempt,) = outbox.attempts()
    assert attempt.outcome is Outcome.ACCEPTED and attempt.reply and attempt.channel == "it"
    assert [letter.status for letter in outbox.of(ONE.key)] == ["accepted"]


def test_a_refused_message_waits_and_goes_out_when_the_receiver_is_back(bench: Bench) -> None:
    now = datetime.now(UTC)
    outbox = Outbox.open(bench.home)
    outbox.enqueue(ONE, ["it"], now)
    bench.refuse()
    counts = deliver(bench, now)
    assert (counts.accepted, counts.failed, counts.dead, counts.waiting) == (0, 1, 0, 1)
    assert counts.sentences and bench.received() == []
    assert outbox.attempts()[0].outcome is not Outcome.ACCEPTED
    assert deliver(bench, now + timedelta(seconds=5)).failed == 0  # not before its time
    bench.repair()
    assert deliver(bench, now + timedelta(minutes=5)).accepted == 1
    assert len(bench.received()) == 1


def test_what_nobody_takes_is_a_dead_letter_that_a_hand_can_retry(bench: Bench) -> None:
    now = datetime.now(UTC)
    outbox = Outbox.open(bench.home)
    outbox.enqueue(ONE, ["it"], now)
    bench.refuse()
    late = now + timedelta(days=4)
    assert deliver(bench, late).dead == 1
    (letter,) = outbox.dead()
    assert letter.subject == ONE.subject and letter.reply
    bench.repair()
    assert deliver(bench, late + timedelta(days=1)).accepted == 0
    # The services of these tests live at the present moment, so that signatures are judged by it.
    retry(bench.home, letter.id, now)
    assert deliver(bench, now).accepted == 1
    assert len(bench.received()) == 1 and outbox.dead() == []


def test_no_secret_stands_in_sentence_log_or_state(bench: Bench) -> None:
    now = datetime.now(UTC)
    outbox = Outbox.open(bench.home)
    outbox.enqueue(ONE, ["it"], now)
    bench.refuse()
    sentences = deliver(bench, now).sentences
    bench.repair()
    deliver(bench, now + timedelta(minutes=5))
    with outbox.state.begin() as connection:
        told = "\n".join([*sentences, *connection.connection.driver_connection.iterdump()])  # type: ignore[union-attr]
    for secret in (TOKEN, SECRET, "SEC%2B%2Fq8r3%3Dw"):
        assert secret not in told
    log = bench.home.var / "delivery"
    assert not any(TOKEN in path.read_text() for path in log.rglob("*") if path.is_file())


def test_a_test_message_says_what_came_of_it_and_leaves_nothing_waiting(bench: Bench) -> None:
    now = datetime.now(UTC)
    ((channel, _, verdict),) = send_test(bench.home, "it", now, screen=bench.screen)
    assert channel == "it" and verdict.accepted
    bench.refuse()
    ((_, _, verdict),) = send_test(bench.home, "it", now, screen=bench.screen)
    assert not verdict.accepted and verdict.reply
    outbox = Outbox.open(bench.home)
    assert [attempt.outcome.value == "accepted" for attempt in outbox.attempts()] == [False, True]
    assert outbox.waiting() == outbox.dead() == []


def test_a_sender_that_never_ends_is_no_longer_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(Outbox.open(bench.home).book.channels["it"])
    monkeypatch.setattr(kind, "send", lambda *_: time.sleep(3600))
    monkeypatch.setattr("fengping.delivery.sending.GRACE", 0.1)
    path: Path = bench.home.root / "delivery.toml"
    path.write_text(path.read_text(encoding="utf-8") + "timeout = 0.1\n", encoding="utf-8")
    outbox = Outbox.open(bench.home)
    outbox.enqueue(ONE, ["it"], datetime.now(UTC))
    assert deliver(bench, datetime.now(UTC)).failed == 1
    (attempt,) = outbox.attempts()
    assert attempt.outcome is Outcome.UNKNOWN and "no end" in attempt.reply
