"""``fengping deliver`` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from tests.commands import fengping
from tests.delivery.servers import DingTalk, Web
from typer.testing import CliRunner, Result

from fengping.cli.app import app
from fengping.delivery import Message, Outbox, deliver_due, tables
from fengping.delivery.closing import close
from fengping.errors import FengpingError
from fengping.home import Home

Run = Callable[..., Result]
TOML = '[channels.duty]\nkind = "dingtalk"\nurl = "$DUTY_URL"\nsecret = "$DUTY_SECRET"\n'


@pytest.fixture
def run(home: Home) -> Run:
    """Runs ``fengping deliver`` within this process, with variables of its own."""

    def run(*arguments: str, **environment: str) -> Result:
        line = ["--home", str(home.root), "deliver", *arguments]
        done = CliRunner().invoke(app, line, env=environment)
        if isinstance(done.exception, FengpingError):
            raise done.exception
        return done

    return run


def test_an_operator_tests_reads_the_log_mends_and_retries(book: Callable[[str], Home], run: Run) -> None:
    service = DingTalk("t0ken-of-duty", "SECright")
    with Web(service).running() as web:
        url = {"DUTY_URL": f"{web.url}/robot/send?access_token=t0ken-of-duty"}
        wrong, right = url | {"DUTY_SECRET": "SECwrong"}, url | {"DUTY_SECRET": "SECright"}
        home = book(TOML)
        done = run("test", "duty", **wrong)
        assert done.exit_code == 1 and "refused" in done.stderr and "sign not match" in done.stderr

        Outbox.open(home).enqueue(Message("alarm", "预警：某主播"), ["duty", "stdout"], datetime.now(UTC))
        done = run("now", **wrong)
        assert done.exit_code == 1 and "1 accepted, 1 not, 0 waiting, 1 dead" in done.stderr
        assert "预警：某主播" in done.stdout  # the stdout channel is what a person sees
        (letter,) = map(json.loads, run("log", "--dead", "--json").stdout.splitlines())
        assert letter["subject"] == "预警：某主播" and "sign not match" in letter["reply"]

        assert run("test", "duty", **right).exit_code == 0
        done = run("retry", str(letter["id"]), **right)
        assert done.exit_code == 0 and "1 accepted" in done.stderr
        done = run("log", "--json", "--channel", "duty")
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        assert outcomes == ["accepted", "accepted", "refused", "refused"]
    assert len(service.taken) == 2
    assert "t0ken-of-duty" not in done.stdout and "SECright" not in done.stdout


def test_all_that_can_be_taken_up_again_is_whatever_else_is_dead(
    book: Callable[[str], Home], run: Run
) -> None:
    closed, lost, other = (f'[channels.{name}]\nkind = "file"\n' for name in ("closed", "lost", "other"))
    home, now = book(closed + lost + other), datetime.now(UTC)
    outbox = Outbox.open(home)
    for name in ("closed", "lost", "other"):
        outbox.enqueue(Message(f"report:{name}", f"周报 {name}"), [name], now)
    with outbox.state.begin() as connection:
        connection.execute(update(tables.outbox).values(status="dead"))
        close(connection, [Message("report:closed", "-").id], now)
    book(closed + other)
    done = run("retry", "--all")
    assert done.exit_code == 1 and "no channel 'lost'" in " ".join(done.stderr.split())
    assert "1 accepted, 0 not, 0 waiting" in done.stderr
    assert [letter.channel for letter in outbox.dead()] == ["closed", "lost"]
    book(closed + lost + other)
    done = run("retry", "--all")
    assert done.exit_code == 0 and "1 accepted" in done.stderr and "given up before" not in done.stderr


def test_what_cannot_be_taken_up_again_is_told_with_its_reason_once(
    book: Callable[[str], Home], run: Run
) -> None:
    channels = {name: f'[channels.{name}]\nkind = "file"\n' for name in ("lost", "away", "here")}
    home, now = book("".join(channels.values())), datetime.now(UTC)
    outbox = Outbox.open(home)
    for key, name in (("a", "lost"), ("b", "lost"), ("c", "away"), ("d", "here")):
        outbox.enqueue(Message(f"report:{key}", f"周报 {key}"), [name], now)
    with outbox.state.begin() as connection:
        connection.execute(update(tables.outbox).values(status="dead"))
    for kept, sent in ((channels["here"], 1), ("", 0)):  # then nothing can be
        book(kept)
        done = run("retry", "--all")
        said = " ".join(done.stderr.split())
        assert done.exit_code == 1 and ("1 accepted" in said) == bool(sent)
        assert "2 letters: delivery.toml has no channel 'lost'." in said
        assert said.count("no channel 'lost'") == said.count("no channel 'away'") == 1


def test_unknown_names_and_numbers_are_one_sentence(book: Callable[[str], Home], run: Run) -> None:
    book(TOML)
    for arguments, sentence in (
        (("test", "dutty"), "Did you mean 'duty'"),
        (("retry", "7"), "No letter 7"),
        (("retry",), "give --all"),
        (("retry", "7", "--all"), "give --all"),
        (("log", "--dead", "--waiting"), "two lists"),
    ):
        with pytest.raises(FengpingError, match=sentence):
            run(*arguments)
    done = run("test", "duty")
    assert done.exit_code == 1 and "DUTY_URL is not set" in done.stderr


def test_what_a_screenless_process_leaves_a_person_sees(home: Home) -> None:
    Outbox.open(home).enqueue(Message("a", "给值班人员"), ["stdout"], datetime.now(UTC))
    assert deliver_due(home, datetime.now(UTC)).waiting == 1
    done = fengping(home, "deliver", "now")
    assert done.returncode == 0 and "给值班人员" in done.stdout
