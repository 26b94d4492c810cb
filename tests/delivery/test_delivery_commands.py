"""``fengping deliver`` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

from tests.commands import fengping
from tests.delivery.servers import DingTalk, Web

from fengping.delivery import Message, Outbox, deliver_due
from fengping.home import Home

TOML = '[channels.duty]\nkind = "dingtalk"\nurl = "$DUTY_URL"\nsecret = "$DUTY_SECRET"\n'


def test_an_operator_tests_reads_the_log_mends_and_retries(book: Callable[[str], Home]) -> None:
    service = DingTalk("t0ken-of-duty", "SECright")
    with Web(service).running() as web:
        url = {"DUTY_URL": f"{web.url}/robot/send?access_token=t0ken-of-duty"}
        wrong, right = url | {"DUTY_SECRET": "SECwrong"}, url | {"DUTY_SECRET": "SECright"}
        home = book(TOML)
        done = fengping(home, "deliver", "test", "duty", **wrong)
        assert done.returncode == 1 and "refused" in done.stderr and "sign not match" in done.stderr

        Outbox.open(home).enqueue(Message("alarm", "预警：某主播"), ["duty", "stdout"], datetime.now(UTC))
        done = fengping(home, "deliver", "now", **wrong)
        assert done.returncode == 1 and "1 accepted, 1 not, 0 waiting, 1 dead" in done.stderr
        assert "预警：某主播" in done.stdout  # the stdout channel is what a person sees
        (letter,) = map(json.loads, fengping(home, "deliver", "log", "--dead", "--json").stdout.splitlines())
        assert letter["subject"] == "预警：某主播" and "sign not match" in letter["reply"]

        assert fengping(home, "deliver", "test", "duty", **right).returncode == 0
        done = fengping(home, "deliver", "retry", str(letter["id"]), **right)
        assert done.returncode == 0 and "1 accepted" in done.stderr
        done = fengping(home, "deliver", "log", "--json", "--channel", "duty")
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        assert outcomes == ["accepted", "accepted", "refused", "refused"]
    assert len(service.taken) == 2
    assert "t0ken-of-duty" not in done.stdout and "SECright" not in done.stdout


def test_unknown_names_and_numbers_are_one_sentence(book: Callable[[str], Home]) -> None:
    home = book(TOML)
    done = fengping(home, "deliver", "test", "dutty")
    assert done.returncode == 2 and "Did you mean 'duty'?" in done.stderr and done.stderr.count("\n") == 1
    assert "No letter 7" in fengping(home, "deliver", "retry", "7").stderr
    assert "give --all" in fengping(home, "deliver", "retry").stderr
    done = fengping(home, "deliver", "test", "duty")
    assert done.returncode == 1 and "DUTY_URL is not set" in done.stderr


def test_what_a_screenless_process_leaves_a_person_sees(home: Home) -> None:
    Outbox.open(home).enqueue(Message("a", "给值班人员"), ["stdout"], datetime.now(UTC))
    assert deliver_due(home, datetime.now(UTC)).waiting == 1
    done = fengping(home, "deliver", "now")
    assert done.returncode == 0 and "给值班人员" in done.stdout
