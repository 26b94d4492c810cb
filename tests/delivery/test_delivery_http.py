"""A webhook's signature, and receivers that misbehave."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography import x509
from tests.delivery.certificates import authority
from tests.delivery.servers import Request, Web, as_json

from fengping.delivery import Message, Outbox, Outcome, deliver_due
from fengping.home import Home

Write = Callable[[str], Home]
NOW = datetime.now(UTC)
ONE = Message(key="alarm 某主播", subject="预警", labels={"host": ("某主播",)})


def attempt(book: Write, url: str, more: str = "") -> Any:
    home = book(f'[channels.it]\nkind = "webhook"\nurl = "{url}"\n{more}')
    outbox = Outbox.open(home)
    outbox.enqueue(ONE, ["it"], NOW)
    counts = deliver_due(home, NOW)
    (made,) = outbox.attempts()
    return counts, made


def yes(_request: Request) -> Any:
    return as_json({"ok": True})


def test_the_signature_is_one_that_the_standards_own_library_would_accept(
    book: Write, environ: MutableMapping[str, str]
) -> None:
    import base64
    import hashlib
    import hmac

    key = b"0123456789abcdef0123456789abcdef"
    environ["KEY"] = "whsec_" + base64.b64encode(key).decode()
    with Web(yes).running() as web:
        counts, _ = attempt(book, web.url + "/in", 'secret = "$KEY"\n')
        (request,) = web.seen
    assert counts.accepted == 1
    head = request.headers
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + request.body
    right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{right}"
    assert head["idempotency-key"] == head["webhook-id"] == ONE.id == request.json["id"]
    assert request.json["key"] == ONE.key and request.json["labels"] == {"host": ["某主播"]}


@pytest.mark.parametrize(
    ("status", "headers", "dead"),
    [
        (302, {"Location": "/elsewhere"}, False),
        (301, {"Location": "https://elsewhere.example/"}, True),
        (500, {}, False), (502, {}, False), (429, {"Retry-After": "120"}, False), (408, {}, False),
        (400, {}, True), (401, {}, True), (404, {}, True), (410, {}, True), (413, {}, True),
    ],
)  # fmt: skip
def test_only_2xx_is_a_delivery(status: int, headers: dict[str, str], dead: bool, book: Write) -> None:
    with Web(lambda _: (status, headers, b"words of the server")).running() as web:
        counts, made = attempt(book, web.url)
        assert len(web.seen) == 1  # a redirect is not followed
    assert (counts.accepted, counts.failed, counts.dead) == (0, 1, int(dead))
    assert made.outcome is Outcome.REFUSED and str(status) in made.reply
    assert "redirect" in made.reply or "words of the server" in made.reply


@pytest.mark.parametrize(
    "value", ["120", format_datetime(NOW + timedelta(seconds=120))], ids=["seconds", "date"]
)
def test_retry_after_is_kept_to(value: str, book: Write) -> None:
    with Web(lambda _: (429, {"Retry-After": value}, b"")).running() as web:
        attempt(book, web.url)
        home = book(f'[channels.it]\nkind = "webhook"\nurl = "{web.url}"\n')
        assert deliver_due(home, NOW + timedelta(seconds=110)).failed == 0
        assert deliver_due(home, NOW + timedelta(seconds=150)).failed == 1


@pytest.mark.parametrize("mode", ["drip", "close", "half"])
def test_what_came_to_no_complete_answer_is_not_known(mode: str, book: Write) -> None:
    with Web(yes).running() as web:
        web.mode = mode
        counts, made = attempt(book, web.url, "timeout = 1.0\n")
        assert counts.accepted == 0 and counts.waiting == 1
        assert made.outcome is Outcome.UNKNOWN and made.reply
        assert "no end" not in made.reply  # it ended by itself and was not left behind
        web.mode = "ok"
        home = book(f'[channels.it]\nkind = "webhook"\nurl = "{web.url}"\n')
        assert deliver_due(home, NOW + timedelta(minutes=5)).accepted == 1
        assert {request.headers["idempotency-key"] for request in web.seen} == {ONE.id}


def test_a_dead_and_a_dripping_receiver_delay_nobody(book: Write) -> None:
    with socket.socket() as nobody, Web(yes).running() as slow, Web(yes).running() as fast:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening
        slow.mode = "drip"
        home = book(
            f'[channels.a_dead]\nkind = "webhook"\nurl = "http://127.0.0.1:{nobody.getsockname()[1]}"\n'
            f'[channels.b_slow]\nkind = "webhook"\nurl = "{slow.url}"\ntimeout = 1.0\n'
            f'[channels.c_fast]\nkind = "webhook"\nurl = "{fast.url}"\n'
        )
        outbox = Outbox.open(home)
        for n in range(20):
            outbox.enqueue(Message(key=str(n), subject=f"第{n}条"), ["a_dead", "b_slow", "c_fast"], NOW)
        counts = deliver_due(home, NOW, within=60)
    # One attempt shows that a channel is out; its other messages do not each wait for the limit.
    assert (counts.accepted, counts.failed, counts.waiting) == (20, 2, 40)
    outcomes = {made.channel: made.outcome for made in outbox.attempts(100)}
    assert outcomes == {
        "a_dead": Outcome.UNREACHED, "b_slow": Outcome.UNKNOWN, "c_fast": Outcome.ACCEPTED,
    }  # fmt: skip


def test_only_a_certificate_of_a_trusted_authority_for_this_name_will_do(book: Write, home: Home) -> None:
    ca, right = authority(home.root / "tls")
    with Web(yes, right).running() as web:
        counts, _ = attempt(book, web.url, 'ca_file = "tls/ca.pem"\n')
        assert counts.accepted == 1
    _, wrong = authority(home.root / "other", x509.DNSName("elsewhere.example"))
    for more, context in (("", right), ('ca_file = "other/ca.pem"\n', wrong)):
        with Web(yes, context).running() as web:
            url = book(f'[channels.it]\nkind = "webhook"\nurl = "{web.url}"\n{more}')
            outbox = Outbox.open(url)
            outbox.enqueue(Message(key=more + "x", subject="预警"), ["it"], NOW)
            assert deliver_due(url, NOW + timedelta(hours=2)).accepted == 0
            assert web.seen == []
        made = outbox.attempts()[0]
        assert made.outcome is Outcome.UNREACHED and "certificate" in made.reply
    assert ca.exists()


def test_a_secret_that_is_not_set_keeps_the_message_and_says_which(
    book: Write, environ: MutableMapping[str, str]
) -> None:
    home = book('[channels.it]\nkind = "webhook"\nurl = "$NOT_YET"\n')
    Outbox.open(home).enqueue(ONE, ["it"], NOW)
    counts = deliver_due(home, NOW)
    assert counts.waiting == 1 and "NOT_YET is not set" in counts.sentences[0]
    with Web(yes).running() as web:
        environ["NOT_YET"] = web.url
        assert deliver_due(home, NOW).accepted == 1


def test_a_secret_that_the_server_repeats_is_masked(book: Write, environ: MutableMapping[str, str]) -> None:
    def answer(request: Request) -> Any:
        return 500, {}, f"cannot handle /in?token=hunter2hunter2 {request.headers}".encode()

    with Web(answer).running() as web:
        environ["URL"] = f"{web.url}/in?token=hunter2hunter2"
        counts, made = attempt(book, "$URL")
    assert "hunter2" not in counts.sentences[0] + made.reply and "***" in made.reply


def test_a_full_disk_is_a_refusal_and_keeps_no_other_channel_from_sending(
    book: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Web(yes).running() as web:
        home = book(
            '[channels.a_full]\nkind = "file"\npath = "full"\n'
            f'[channels.b_hook]\nkind = "webhook"\nurl = "{web.url}"\n'
        )
        Outbox.open(home).enqueue(ONE, ["a_full", "b_hook"], NOW)
        monkeypatch.setattr(os, "fsync", full)
        counts = deliver_due(home, NOW)
    assert (counts.accepted, counts.waiting) == (1, 1)
    assert "No space left" in counts.sentences[0]
    assert (home.var / "delivery" / "full").read_bytes() == b""
