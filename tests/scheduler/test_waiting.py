"""Messages that wait, and what fires: told by another channel, in status and doctor, and not as recovered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.alerts.making import START, rule_of
from tests.alerts.test_alerts_states import Desk, at
from tests.commands import fengping
from tests.scheduler.test_status import sentences, told

from fengping.alerts import ledger
from fengping.clock import now
from fengping.delivery import Message, Outbox, deliver_due, overdue, tables
from fengping.home import Home
from fengping.scheduler import watchman
from fengping.scheduler.notices import in_chinese
from fengping.scheduler.status import status
from fengping.scheduler.troubles import Look
from fengping.services.home import Check, doctor
from fengping.state import State

DEAD = '[channels.duty]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'
OTHER = '[channels.office]\nkind = "file"\npath = "office.jsonl"\n'


def write(home: Home, text: str, config: str = "") -> Home:
    (home.root / "delivery.toml").write_text(text, encoding="utf-8")
    home.config_file.write_text(config, encoding="utf-8")
    return Home.open(home.root)


def waits(home: Home, key: str, minutes: int) -> None:
    Outbox.open(home).enqueue(Message(key, "有人投诉"), ["duty"], START - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("key", "minutes", "said"),
    [
        ("alarm r 檀木子 2020-11-10", 9, ""),
        (
            "alarm r 檀木子 2020-11-10",
            11,
            "1 alarms wait to be sent to duty, the first since 2020-11-10T07:49:00",
        ),
        ("report:weekly", 59, ""),
        (
            "report:weekly",
            61,
            "1 other messages wait to be sent to duty, the first since 2020-11-10T06:59:00",
        ),
    ],
)
def test_what_waits_for_too_long_is_a_trouble(home: Home, key: str, minutes: int, said: str) -> None:
    home = write(home, DEAD)
    waits(home, key, minutes)
    found = [sentence for sentence in sentences(home, START) if "wait to be sent" in sentence]
    assert [sentence.startswith(said) for sentence in found] == ([True] if said else [])
    check = {one.name: one for one in doctor(home, now=START)}["messages"]
    assert check.ok == (not said) and (said or "1 wait to be sent, 0 were given up") in check.found
    assert status(home, START).messages == {"waiting": 1, "late": int(minutes > 60), "dead": 0}


def test_what_waits_for_somebody_s_screen_or_for_its_hours_is_none(home: Home) -> None:
    home = write(home, '[[routes]]\nname = "day"\nhours = "20:00-21:00"\nto = ["file"]\n')
    for name in ("stdout", "day"):
        Outbox.open(home).enqueue(Message(f"alarm {name}", "有人投诉"), [name], START - timedelta(hours=5))
    assert not [sentence for sentence in sentences(home, START) if "wait to be sent" in sentence]


def subjects(home: Home) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for letter in Outbox.open(home).waiting():
        found.setdefault(letter.channel, []).append(letter.subject)
    return found


@pytest.mark.parametrize(
    ("notify", "rule", "expected"),
    [
        ("duty", "office", {"office"}),  # the notices wait as well: it goes where other alarms go
        ("duty", "duty", set()),
        ("office", "duty", {"office"}),
        ("file", "office", {"file"}),  # whoever reads the file is told there
    ],
)
def test_that_alarms_wait_is_told_by_another_way(
    home: Home, notify: str, rule: str, expected: set[str]
) -> None:
    home = write(home, DEAD + OTHER, f'[schedule]\nnotify = ["{notify}"]\n')
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text(f'name = "r"\nchannels = ["{rule}"]\n', encoding="utf-8")
    waits(home, "alarm r 檀木子 2020-11-10", 11)
    state = State.open(home)
    watchman.round(home, state, START)
    found = {name for name, all_ in subjects(home).items() if any("条预警还没有送到" in s for s in all_)}
    assert found - {"duty"} == expected
    # Whoever was told is told of the end.
    [letter] = Outbox.open(home).of("alarm r 檀木子 2020-11-10")
    with state.begin() as connection:
        connection.execute(tables.outbox.delete().where(tables.outbox.c.id == letter.id))
    watchman.round(home, state, START + timedelta(minutes=1))
    watchman.round(home, state, START + timedelta(minutes=40))
    over = {name for name, all_ in subjects(home).items() if any("已恢复：1 条预警" in s for s in all_)}
    assert over - {"duty"} == expected


def dies(home: Home, key: str, at: datetime) -> None:
    outbox = Outbox.open(home)
    outbox.enqueue(Message(key, "有人投诉"), ["duty"], at - timedelta(days=4))
    assert len(overdue.give_up(outbox, "duty", at, "no connection")) == 1


SAID = "'有人投诉' was given up for duty: no connection"
TOLD = in_chinese(SAID)


@pytest.mark.parametrize(
    ("notify", "rule", "expected"),
    [("duty", "office", {"office"}), ("duty", "duty", set()), ("office", "duty", {"office"})],
)
def test_each_alarm_that_was_given_up_is_told_by_another_way(
    home: Home, notify: str, rule: str, expected: set[str]
) -> None:
    home = write(home, DEAD + OTHER, f'[schedule]\nnotify = ["{notify}"]\n')
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text(f'name = "r"\nchannels = ["{rule}"]\n', encoding="utf-8")
    state = State.open(home)
    for days, letters in ((2, 1), (0, 2)):
        at = START - timedelta(days=days)
        dies(home, f"alarm r 檀木子 {days}", at)
        for minutes in (0, 1, 40):
            watchman.round(home, state, at + timedelta(minutes=minutes))
        deliver_due(home, at + timedelta(minutes=40))  # the office takes what it is told
        told = Outbox.open(home).letters(tables.outbox.c.channel != "duty")
        assert {one.channel for one in told if one.subject == f"风评 {TOLD}"} == expected
        assert sum(one.subject == f"风评 {TOLD}" for one in told) == letters * len(expected)
    # It is told as it happens, and is never over.
    assert not [one.subject for one in told if TOLD in one.subject and "已恢复" in one.subject]


def test_alarms_that_were_given_up_at_once_are_one_notice(home: Home) -> None:
    home = write(home, DEAD + OTHER, '[schedule]\nnotify = ["duty"]\n[crawl]\nnotify = ["office"]\n')
    for number in range(5):
        dies(home, f"alarm r 檀木子 {number}", START)
    watchman.round(home, State.open(home), START)
    assert subjects(home)["office"] == ["风评 5件事同时出了问题"]


def test_an_alarm_that_was_given_up_fails_doctor_and_the_heartbeat_for_a_day(home: Home) -> None:
    home = write(home, DEAD)
    dies(home, "report:weekly", START)

    def grave(at: datetime) -> list[str]:
        found = watchman.found(Look(home, State.open(home), at))
        return [one.sentence for one in found if one.grave and "given up" in one.sentence]

    def messages(at: datetime) -> Check:
        return next(one for one in doctor(home, now=at) if one.name == "messages")

    assert messages(START).ok and grave(START) == []
    dies(home, "alarm r 檀木子", START)
    assert not messages(START).ok and grave(START) == [SAID]
    assert "1 alarms were given up within a day, the last for duty: fengping" in messages(START).found
    after = START + timedelta(hours=25)
    assert (
        messages(after).ok
        and "0 wait to be sent, 2 were given up (2 for duty): fengping" in messages(after).found
    )
    assert grave(after) == []


@pytest.mark.long
def test_a_check_does_not_end_well_while_an_alarm_waits(home: Home) -> None:
    home = write(home, DEAD)
    home.alerts.mkdir()
    (home.alerts / "r.toml").write_text('name = "r"\nchannels = ["duty"]\n', encoding="utf-8")
    Outbox.open(home).enqueue(Message("alarm r", "有人投诉"), ["duty"], now())
    first = fengping(home, "alerts", "check")
    assert first.returncode == 1 and "duty unreached" in first.stderr
    again = fengping(home, "alerts", "check")
    assert again.returncode == 1 and "1 messages wait for duty. It said: " in again.stderr


@pytest.fixture
def desk(home: Home) -> Desk:
    rules = [
        rule_of(name="three", num_events=3, timeframe="30d", max_age="30d", realert="7d", channels=["file"])
    ]
    return Desk(home, rules=rules)


def test_what_fires_is_shown_however_long_and_however_it_is_taken_care_of(desk: Desk) -> None:
    for host in ("檀木子", "阮小满", "何白露"):
        desk.post(0, 3, host)
    desk.check(0)
    with Outbox.open(desk.home).state.begin() as connection:
        number = next(k.id for k in ledger.latest(connection, 9) if k.firing.key == "阮小满")
        ledger.acknowledge(connection, number, "值班员", at(1))
    desk.silence(1, 400, key="何白露")
    desk.check(72)
    found = {line.partition(": ")[2] for line in status(desk.home, at(72)).firing}
    assert {line.partition(" since ")[0] for line in found} == {"檀木子", "阮小满", "何白露"}
    assert any(", taken care of by 值班员 since " in line for line in found)
    assert any(line.startswith("何白露") and ", silenced since " in line for line in found)
    said = fengping(desk.home, "status").stderr
    assert "messages: 3 wait to be sent, 3 since over an hour; 0 were given up" in said
    assert "messages for file: 3 wait to be sent, 0 were given up" in said


def test_an_alarm_that_reached_nobody_is_told(desk: Desk) -> None:
    text = '[[routes]]\nname = "file2"\nmatch = { host = ["阮小满"] }\nto = ["file"]\n'
    write(desk.home, text)
    desk.rules = [desk.rules[0].model_copy(update={"channels": ("file2",)})]
    desk.post(0, 3)
    desk.check(0)
    said = (
        "1 alarms of the rule 'three' reached nobody within a day, the last about '檀木子' at "
        "2020-11-10T08:00:00+08:00: fengping alerts show 1"
    )
    assert said in status(desk.home, at(1)).troubles
    watchman.round(desk.home, State.open(desk.home), at(1))
    assert in_chinese(said) in told(desk.home)
    assert said not in status(desk.home, at(26)).troubles


def test_each_report_that_was_given_up_is_told_beside_an_old_one(home: Home) -> None:
    home = write(home, DEAD)
    dies(home, "report:weekly:a", START - timedelta(days=30))
    dies(home, "report:weekly:b", START)
    assert [one for one in sentences(home, START) if one.startswith("'有人投诉'")] == [SAID]
